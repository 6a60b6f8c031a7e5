import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateOfPods } from './chart.ts';
import { applyManifests, kubectl, usesOwnCluster } from './kubectl.ts';
import { localRoot } from './paths.ts';
import { waitUntil } from './wait-until.ts';

const READY_DEADLINE_MS = 300_000;
const NAMESPACE = 'demo';
const CLUSTER = 'sample';

/** Applies the sample cluster and waits until it says that it is Ready. */
export async function ensureSample(progress: (text: string) => void): Promise<void> {
  await applyManifests(withLocalStorage(readFileSync(join(localRoot, 'sample.yaml'), 'utf8')));
  let shown = '';
  const isReady = async (): Promise<boolean> => {
    const cluster = JSON.parse(await inDemo('get', 'mysqlcluster', CLUSTER, '--output=json')) as MysqlCluster;
    const ready = cluster.status?.conditions?.find(({ type }) => type === 'Ready');
    const text = `${cluster.status?.readyNodes ?? 0} of ${cluster.spec.replicas} instances are ready${ready?.message ? `; ${ready.message}` : ''}`;
    if (text !== shown) progress(text);
    shown = text;
    return ready?.status === 'True';
  };
  try {
    await waitUntil(`the cluster ${CLUSTER} is Ready`, READY_DEADLINE_MS, isReady, 1_000);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${await stateOfPods(NAMESPACE)}`, {
      cause: error,
    });
  }
}

/** Writes a row through the primary's Service and waits until the replicas' Service gives it back. */
export async function checkSample(): Promise<void> {
  const mark = `${Date.now()}`;
  const pod = 'sample-check';
  const image = await inDemo(
    'get',
    'pod',
    `${CLUSTER}-mysql-0`,
    `--output=jsonpath={.spec.containers[?(@.name=='mysql')].image}`,
  );
  await inDemo('delete', 'pod', pod, '--ignore-not-found');
  const env = ['USER', 'PASSWORD', 'DATABASE'].map((key) => ({
    name: `APP_${key}`,
    valueFrom: { secretKeyRef: { name: 'my-secret', key } },
  }));
  const container = { name: 'check', image, command: ['sh', '-euc', checkScript(mark)], env };
  const manifest = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod, namespace: NAMESPACE },
    spec: { restartPolicy: 'Never', containers: [container] },
  };
  await applyManifests(JSON.stringify(manifest));
  let phase = '';
  await waitUntil(
    'the check of the sample has ended',
    90_000,
    async () => {
      phase = await inDemo('get', 'pod', pod, '--output=jsonpath={.status.phase}');
      return phase === 'Succeeded' || phase === 'Failed';
    },
    500,
  );
  const log = await inDemo('logs', pod);
  if (phase === 'Failed') throw new Error(`A row could not be written and read back:\n${log}`);
  await inDemo('delete', 'pod', pod, '--wait=false');
}

function checkScript(mark: string): string {
  return `
sql() { MYSQL_PWD=$APP_PASSWORD mysql --no-defaults --connect-timeout=5 --batch --skip-column-names --user="$APP_USER" --host="$1" --database="$APP_DATABASE" --execute="$2"; }
sql ${CLUSTER}-mysql-master 'CREATE TABLE IF NOT EXISTS up (mark VARCHAR(20) PRIMARY KEY); INSERT INTO up VALUES ("${mark}")'
tries=0
until [ "$(sql ${CLUSTER}-mysql-replicas 'SELECT mark FROM up WHERE mark = "${mark}"')" = "${mark}" ]; do
  tries=$((tries + 1)); [ $tries -lt 50 ] || exit 1; sleep 0.2
done`;
}

interface MysqlCluster {
  readonly spec: { readonly replicas: number };
  readonly status?: {
    readonly readyNodes?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

/** A cluster of the user's has storage of its own, and is asked for its default class. */
function withLocalStorage(manifests: string): string {
  return usesOwnCluster() ? manifests.replace(/^ *storageClassName: local\n/m, '') : manifests;
}

async function inDemo(...args: string[]): Promise<string> {
  return await kubectl(['--namespace', NAMESPACE, ...args]);
}
