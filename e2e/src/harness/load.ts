import { z } from 'zod';
import { decodeListRecords, type ListRecord } from '../load-client/append-record.ts';
import { decodeRecord, type WriteRecord } from '../load-client/write-record.ts';
import type { Environment } from './environment.ts';
import { resources } from './kube-api.ts';
import { isReady, podShape } from './kube-objects.ts';
import { applicationAccount, type TestCluster } from './test-cluster.ts';
import { messageOf, waitFor } from './wait-for.ts';

const statistics = z.object({
  acknowledged: z.number(),
  refused: z.number(),
  unknown: z.number(),
  records: z.number(),
  lastAcknowledgedMs: z.record(z.string(), z.number()),
  reads: z.object({
    succeeded: z.number(),
    failed: z.array(z.object({ beganMs: z.number(), endedMs: z.number(), error: z.string() })),
    longestGapMs: z.number(),
  }),
});
export type LoadReport = z.infer<typeof statistics>;

export interface LoadSettings {
  readonly pod: string;
  readonly table: string;
  /** Table of the lists that are appended to, and how many it has. */
  readonly listTable: string;
  readonly lists: number;
  /** Number of the first of the writers. */
  readonly firstClient: number;
  /** The pod is put on another node than this one, so that a fault of it does not take the client as well. */
  readonly avoidNode?: string;
  /** Of all writers together; fewer than usual where many instances share the machine. */
  readonly writesPerSecond?: number;
}

const CLIENTS = 4;
/** As many as five instances on two cores apply as fast as they are written. */
const WRITES_PER_SECOND = 100;
const REQUEST_TIMEOUT_MS = 5000;
/** Steady: this share of the wanted rate, over so many looks this far apart. */
const STEADY_SHARE = 0.95;
const STEADY_LOOKS = 6;
const STEADY_LOOK_MS = 250;
const STEADY_TIMEOUT_MS = 15_000;

/** The load client in its pod, spoken to over HTTP at the pod's own address. */
export class Load {
  /** Where its writes come from. */
  readonly address: string;
  readonly #env: Environment;
  readonly #namespace: string;
  readonly #pod: string;
  readonly #url: string;
  readonly #writesPerSecond: number;

  private constructor(env: Environment, namespace: string, settings: LoadSettings, address: string) {
    this.#env = env;
    this.#namespace = namespace;
    this.#pod = settings.pod;
    this.#writesPerSecond = settings.writesPerSecond ?? WRITES_PER_SECOND;
    this.address = address;
    this.#url = `http://${address}:9000`;
  }

  /** Starts the pod and returns when writes are acknowledged. */
  static async start(env: Environment, cluster: TestCluster, settings: LoadSettings): Promise<Load> {
    const { namespace } = cluster;
    const hosts = {
      // Addresses, not names: what is measured is the Service, and not the DNS server, which may be on the node that fails.
      write: await cluster.serviceAddress('master'),
      read: await cluster.serviceAddress('replicas'),
    };
    await env.kube.create(resources.pods, namespace, podManifest(env, hosts, settings));
    const address = await waitFor(
      'the load client runs',
      async () => {
        const pod = podShape.parse(await env.kube.get(resources.pods, namespace, settings.pod));
        return isReady(pod) ? pod.status.podIP : undefined;
      },
      { timeoutMs: 60_000 },
    );
    const load = new Load(env, namespace, settings, address);
    await load.waitForMore(20, 30_000);
    return load;
  }

  async report(): Promise<LoadReport> {
    return statistics.parse(JSON.parse(await this.#get('/stats')));
  }

  /** Waits for so many further acknowledgements. */
  async waitForMore(count: number, timeoutMs: number): Promise<void> {
    let target: number | undefined;
    await waitFor(
      `${count} more acknowledged writes`,
      async () => {
        const { acknowledged } = await this.report();
        target ??= acknowledged + count;
        return acknowledged >= target;
      },
      { timeoutMs, intervalMs: 100 },
    );
  }

  /**
   * Waits until it writes as often as it is meant to: the machine is no longer busy with the start of what measures, and an outage from now on is
   * the fault's. Returns why it did not come to that in time, if so: where instances are many and processors few it may not.
   */
  async waitForSteadyRate(): Promise<string | undefined> {
    const seen: { readonly atMs: number; readonly acknowledged: number }[] = [];
    const steady = waitFor(
      'a steady rate of writes',
      async () => {
        const { acknowledged } = await this.report();
        seen.push({ atMs: performance.now(), acknowledged });
        const [first, last] = [seen.at(-1 - STEADY_LOOKS), seen.at(-1)];
        if (first === undefined || last === undefined) return false;
        const perSecond = (1000 * (last.acknowledged - first.acknowledged)) / (last.atMs - first.atMs);
        if (perSecond >= STEADY_SHARE * this.#writesPerSecond) return true;
        throw new Error(`${Math.round(perSecond)} of ${this.#writesPerSecond} a second`);
      },
      { timeoutMs: STEADY_TIMEOUT_MS, intervalMs: STEADY_LOOK_MS },
    );
    return await steady.then(() => undefined, messageOf);
  }

  /** The server of the newest acknowledgement. */
  async currentServer(): Promise<string> {
    const entries = Object.entries((await this.report()).lastAcknowledgedMs).sort((a, b) => b[1] - a[1]);
    return entries[0]?.[0] ?? '';
  }

  async records(): Promise<WriteRecord[]> {
    const text = await this.#get('/records');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map(decodeRecord);
  }

  /** Ends the writing and returns everything that was written; the pod goes. */
  async stop(): Promise<{ records: WriteRecord[]; listRecords: ListRecord[]; report: LoadReport }> {
    const report = statistics.parse(JSON.parse(await this.#get('/stop')));
    const records = await this.records();
    const listRecords = decodeListRecords(await this.#get('/lists'));
    await this.remove();
    return { records, listRecords, report };
  }

  async remove(): Promise<void> {
    await this.#env.kube.remove(resources.pods, this.#namespace, this.#pod, { gracePeriodSeconds: 0 });
  }

  async #get(path: string): Promise<string> {
    const response = await fetch(`${this.#url}${path}`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`the load client answered ${response.status} to ${path}`);
    return await response.text();
  }
}

function podManifest(env: Environment, hosts: { write: string; read: string }, settings: LoadSettings): object {
  const { user, password, database } = applicationAccount;
  const variables: Record<string, string> = {
    WRITE_HOST: hosts.write,
    READ_HOST: hosts.read,
    MYSQL_USER: user,
    MYSQL_PASSWORD: password,
    MYSQL_DATABASE: database,
    WRITE_TABLE: settings.table,
    LIST_TABLE: settings.listTable,
    LISTS: String(settings.lists),
    FIRST_CLIENT: String(settings.firstClient),
    CLIENTS: String(CLIENTS),
    WRITES_PER_SECOND: String(settings.writesPerSecond ?? WRITES_PER_SECOND),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: settings.pod, labels: { app: 'load-client' } },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      ...(settings.avoidNode !== undefined && { affinity: awayFrom(settings.avoidNode) }),
      containers: [
        {
          name: 'load-client',
          image: env.loadClientImage,
          imagePullPolicy: 'IfNotPresent',
          env: Object.entries(variables).map(([name, value]) => ({ name, value })),
          ports: [{ containerPort: 9000 }],
          readinessProbe: { httpGet: { path: '/stats', port: 9000 }, periodSeconds: 1 },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          // More of a busy machine than an instance: clients have machines of their own elsewhere, and here their own waits would count as outages.
          resources: { requests: { cpu: '500m', memory: '64Mi' } },
        },
      ],
    },
  };
}

function awayFrom(node: string): object {
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'NotIn', values: [node] }];
  return {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
  };
}
