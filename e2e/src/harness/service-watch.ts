import { type OutageSplit, splitOutage } from '../analysis/outage-split.ts';
import { firstSentMs, type Outage } from '../analysis/outages.ts';
import { timestampMs } from '../load-client/timestamp.ts';
import type { WriteRecord } from '../load-client/write-record.ts';
import type { Environment } from './environment.ts';
import { resources } from './kube-api.ts';
import { endpointSliceShape, podShape } from './kube-objects.ts';
import { OperatorServices } from './services.ts';
import type { TestCluster } from './test-cluster.ts';

const PROMOTED = 'promote';
const LOG_LINES = 500;

/** Notes when the label and the EndpointSlice of a cluster's master Service move: the stations between a new primary and its clients. */
export class ServiceWatch {
  readonly #env: Environment;
  readonly #cluster: TestCluster;
  readonly #ended = new AbortController();
  /** By pod: since when it has been labelled as primary, and since when the EndpointSlice has led to it alone. */
  readonly #labelledMs = new Map<string, number>();
  readonly #slicedMs = new Map<string, number>();

  constructor(env: Environment, cluster: TestCluster) {
    this.#env = env;
    this.#cluster = cluster;
    const { namespace, name } = cluster;
    const { signal } = this.#ended;
    const labelSelector = `mysql.presslabs.org/cluster=${name}`;
    void env.kube.watch(resources.pods, { namespace, labelSelector }, (object) => this.#seePod(object), signal);
    const ofService = { namespace, labelSelector: `kubernetes.io/service-name=${name}-mysql-master` };
    void env.kube.watch(resources.endpointSlices, ofService, (object) => this.#seeSlice(object), signal);
  }

  stop(): void {
    this.#ended.abort();
  }

  /** How an outage that ended with this primary is made up; undefined when a station of it was not seen. */
  async split(primary: string, outage: Outage, records: readonly WriteRecord[]): Promise<OutageSplit | undefined> {
    const { endedMs: acknowledgedMs } = outage;
    const silentMs = acknowledgedMs - outage.outageMs;
    const sentMs = firstSentMs(records, outage);
    const openedMs = await this.#openedMs(silentMs);
    const labelledMs = this.#labelledMs.get(primary);
    const slicedMs = this.#slicedMs.get(primary);
    if (openedMs === undefined || labelledMs === undefined || slicedMs === undefined) return undefined;
    return splitOutage({ silentMs, openedMs, labelledMs, slicedMs, sentMs, acknowledgedMs });
  }

  #seePod(object: unknown): void {
    const { metadata } = podShape.parse(object);
    note(this.#labelledMs, metadata.name, metadata.labels.role === 'master');
  }

  #seeSlice(object: unknown): void {
    const ready = (endpointSliceShape.parse(object).endpoints ?? []).filter(({ conditions }) => conditions.ready);
    const names = ready.map(({ targetRef }) => targetRef?.name ?? '');
    for (const name of new Set([...names, ...this.#slicedMs.keys()])) {
      note(this.#slicedMs, name, names.length === 1 && names[0] === name);
    }
  }

  /** When an engine had last opened a primary of this cluster after that time, by its own log: it is asked nowhere else so exactly. */
  async #openedMs(afterMs: number): Promise<number | undefined> {
    const services = await OperatorServices.find(this.#env.kube);
    const key = `${this.#cluster.namespace}/${this.#cluster.name}`;
    const times: number[] = [];
    for (const { metadata } of await services.pods('topology-engine')) {
      const log = await this.#env.kube.logs(services.namespace, metadata.name, 'topology-engine', {
        tailLines: LOG_LINES,
      });
      for (const line of log.split('\n').filter((text) => text.includes(`"${PROMOTED}"`))) {
        const { cluster, step, time } = JSON.parse(line) as Record<string, unknown>;
        if (cluster === key && step === PROMOTED && typeof time === 'string') times.push(Date.parse(time));
      }
    }
    return times.filter((ms) => ms > afterMs).sort((a, b) => a - b)[0];
  }
}

function note(times: Map<string, number>, name: string, holds: boolean): void {
  if (!holds) times.delete(name);
  else if (!times.has(name)) times.set(name, timestampMs());
}
