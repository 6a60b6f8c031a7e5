import { join } from 'node:path';
import { kubeconfigEnv, kubectl, usesOwnCluster } from './kubectl.ts';
import { localRoot, repositoryRoot } from './paths.ts';
import { localRegistry, type ProjectImage } from './project-images.ts';
import { runCommand } from './run-command.ts';
import { toolPath } from './tools.ts';
import { waitUntil } from './wait-until.ts';

export const release = 'pilotfish';
export const releaseNamespace = 'pilotfish-system';

const READY_DEADLINE_MS = 180_000;

/** A container that has ended this often will not come up by waiting. */
const HOPELESS_RESTARTS = 4;

/** The values that depend on which images were built. */
export function valuesForImages(images: readonly ProjectImage[]): unknown {
  const image = (name: string): { repository: string; tag: string } | undefined => {
    const found = images.find((each) => each.name === name);
    return found && { repository: found.repository, tag: found.tag };
  };
  const mysql = image('mysql');
  const mysqlReference = mysql && `${mysql.repository}:${mysql.tag}`;
  return {
    global: { image: { registry: localRegistry, tag: 'dev' } },
    'topology-engine': { image: image('topology-engine') },
    'service-syncer': { image: image('service-syncer') },
    'cluster-controller': {
      image: image('cluster-controller'),
      mysql: { images: { default: mysqlReference, '9.7': mysqlReference } },
      nodeAgent: { image: image('node-agent') },
      metricsExporter: { image: image('metrics-exporter') },
    },
    nats: { image: image('nats') },
  };
}

/** The values for a cluster of the user's: its nodes pull from the registry named in the environment. */
export function valuesForRegistry(registry: string, tag: string): unknown {
  return { global: { image: { registry, tag } } };
}

/** Installs or upgrades the chart and waits until all of it is ready, or can't become so. */
export async function installChart(values: unknown, progress: (text: string) => void): Promise<void> {
  await forgetInterruptedOperation();
  const chart = join(repositoryRoot, 'infra/helm/pilotfish');
  const files = usesOwnCluster() ? [] : ['--values', join(localRoot, 'values.yaml')];
  const args = [
    'upgrade',
    '--install',
    release,
    chart,
    '--namespace',
    releaseNamespace,
    '--create-namespace',
    ...files,
    '--values',
    '-',
  ];
  const restartsBefore = new Map((await releasePods()).map((pod) => [pod.metadata.name, restarts(pod)]));
  await runCommand(await toolPath('helm'), args, { input: JSON.stringify(values), env: kubeconfigEnv() });
  try {
    await waitForRollout(restartsBefore, progress);
  } catch (error) {
    throw new Error(`${messageOf(error)}\n\n${await stateOfPods(releaseNamespace)}`, { cause: error });
  }
}

/** Helm can wait, too, but it says nothing meanwhile, and waits for what crashes all the time. */
async function waitForRollout(
  restartsBefore: ReadonlyMap<string, number>,
  progress: (text: string) => void,
): Promise<void> {
  let shown = '';
  let crashing: string | undefined;
  await waitUntil(
    'all of the chart is ready',
    READY_DEADLINE_MS,
    async () => {
      const workloads = (JSON.parse(await kubectl(['get', 'deployments,statefulsets', ...inRelease])) as List<Workload>)
        .items;
      const isHopeless = (pod: Pod): boolean =>
        restarts(pod) - (restartsBefore.get(pod.metadata.name) ?? 0) >= HOPELESS_RESTARTS;
      crashing = (await releasePods()).find(isHopeless)?.metadata.name;
      if (crashing !== undefined) return true;
      const text = workloads
        .map(({ metadata, spec, status }) => `${metadata.name} ${status.readyReplicas ?? 0}/${spec.replicas}`)
        .join(', ');
      if (text !== shown) progress(text);
      shown = text;
      return workloads.length > 0 && workloads.every(isRolledOut);
    },
    500,
  );
  if (crashing !== undefined) throw new Error(`${crashing} does not stay up`);
}

const inRelease = [
  '--namespace',
  releaseNamespace,
  '--selector',
  `app.kubernetes.io/instance=${release}`,
  '--output=json',
];

async function releasePods(): Promise<readonly Pod[]> {
  return (JSON.parse(await kubectl(['get', 'pods', ...inRelease])) as List<Pod>).items;
}

function restarts(pod: Pod): number {
  return Math.max(0, ...(pod.status.containerStatuses ?? []).map(({ restartCount }) => restartCount));
}

interface List<T> {
  readonly items: readonly T[];
}

interface Workload {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly replicas?: number;
  };
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly containerStatuses?: readonly { readonly ready: boolean; readonly restartCount: number }[];
  };
}

function isRolledOut({ metadata, spec, status }: Workload): boolean {
  const counts = [status.updatedReplicas, status.readyReplicas, status.replicas];
  return status.observedGeneration === metadata.generation && counts.every((count) => (count ?? 0) === spec.replicas);
}

/** What a person would look at first when pods don't become ready: their list, and the end of what the unready ones say. */
export async function stateOfPods(namespace: string): Promise<string> {
  const in_ = ['--namespace', namespace];
  const pods = await kubectl([...in_, 'get', 'pods', '--output=wide']);
  const unready = pods
    .split('\n')
    .slice(1)
    .filter((line) => !/ (\d+)\/\1 /.test(line))
    .flatMap((line) => line.split(' ')[0] || []);
  const logs = unready.slice(0, 3).map(async (pod) => {
    const flags = ['--all-containers', '--prefix', '--tail=20'];
    const log = await kubectl([...in_, 'logs', pod, ...flags]).catch(messageOf);
    return log.replace(/^(.{250}).*$/gm, '$1 …');
  });
  const events = kubectl([...in_, 'get', 'events', '--field-selector=type=Warning', '--sort-by=.lastTimestamp']);
  const lastEvents = (await events).split('\n').slice(-8).join('\n');
  return [pods, ...(await Promise.all(logs)), lastEvents].join('\n');
}

/** An upgrade that was killed leaves a record which makes Helm refuse every later one. */
async function forgetInterruptedOperation(): Promise<void> {
  const selector = `owner=helm,name=${release},status in (pending-install,pending-upgrade,pending-rollback)`;
  await kubectl(['--namespace', releaseNamespace, 'delete', 'secret', '--selector', selector, '--ignore-not-found']);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
