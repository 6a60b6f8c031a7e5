import { setTimeout as sleep } from 'node:timers/promises';
import { isReady, type Pod } from './kube-objects.ts';
import type { TestCluster } from './test-cluster.ts';

export interface Sighting {
  readonly epoch: number;
  readonly primary: string;
  readonly pods: readonly {
    name: string;
    uid: string;
    ready: boolean;
    role: string;
    healthy: string;
    restarts: number;
  }[];
}

const INTERVAL_MS = 200;

/** Looks at a cluster's pods and epoch five times a second and keeps each state that differs from the one before. */
export class PodHistory {
  readonly #cluster: TestCluster;
  readonly #sightings: Sighting[] = [];
  #stopped = false;
  #looking: Promise<void> = Promise.resolve();

  private constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  static async start(cluster: TestCluster): Promise<PodHistory> {
    const history = new PodHistory(cluster);
    await history.#look();
    history.#looking = history.#keepLooking();
    return history;
  }

  /** Ends the watch and returns the states in the order in which they were seen, at least one. */
  async stop(): Promise<Sighting[]> {
    this.#stopped = true;
    await this.#looking;
    await this.#look();
    return this.#sightings;
  }

  async #keepLooking(): Promise<void> {
    while (!this.#stopped) {
      await sleep(INTERVAL_MS);
      // The API server may be slow for a moment; the next look tells.
      await this.#look().catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const [topology, pods] = await Promise.all([this.#cluster.topology(), this.#cluster.pods()]);
    const sighting: Sighting = { epoch: topology.epoch, primary: topology.primary, pods: pods.map(summary) };
    const last = this.#sightings.at(-1);
    if (JSON.stringify(last) !== JSON.stringify(sighting)) this.#sightings.push(sighting);
  }
}

/** What differs between two sightings, in words, for the message of a complaint. */
export function describeChanges(sightings: readonly Sighting[]): string {
  const describe = ({ epoch, primary, pods }: Sighting): string =>
    `epoch ${epoch} ${primary}: ${pods.map(({ name, ready, role, healthy, restarts }) => `${name.split('-').at(-1)} ${role}/${healthy}${ready ? '' : ' not ready'}${restarts > 0 ? ` ${restarts} restarts` : ''}`).join(', ')}`;
  return sightings.slice(0, 4).map(describe).join(' → ');
}

function summary({ metadata, status, ...pod }: Pod): Sighting['pods'][number] {
  return {
    name: metadata.name,
    uid: metadata.uid,
    ready: isReady({ metadata, status, ...pod }),
    role: metadata.labels.role ?? '',
    healthy: metadata.labels.healthy ?? '',
    restarts: status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
  };
}
