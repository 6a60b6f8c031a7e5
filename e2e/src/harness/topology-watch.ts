import type { Sighting } from '../analysis/explanations.ts';
import { timestampMs } from '../load-client/timestamp.ts';
import type { Environment } from './environment.ts';
import { resources } from './kube-api.ts';
import { clusterShape, eventShape } from './kube-objects.ts';
import type { TestCluster } from './test-cluster.ts';
import { waitFor } from './wait-for.ts';

/** Everything that a cluster's status says while a scenario goes on, as it is said. */
export class TopologyWatch {
  readonly #env: Environment;
  readonly #cluster: TestCluster;
  readonly #sightings: Sighting[] = [];
  readonly #ended = new AbortController();
  readonly #listeners = new Set<(sighting: Sighting) => void>();

  private constructor(env: Environment, cluster: TestCluster) {
    this.#env = env;
    this.#cluster = cluster;
  }

  /** Returns when the present state is known. */
  static async start(env: Environment, cluster: TestCluster): Promise<TopologyWatch> {
    const watch = new TopologyWatch(env, cluster);
    const { namespace, name } = cluster;
    void env.kube.watch(
      resources.clusters,
      { namespace, fieldSelector: `metadata.name=${name}` },
      (object) => watch.#see(object),
      watch.#ended.signal,
    );
    await watch.seen('its status', () => true, 15_000);
    return watch;
  }

  stop(): Sighting[] {
    this.#ended.abort();
    return this.#sightings;
  }

  get sightings(): readonly Sighting[] {
    return this.#sightings;
  }

  /** Waits for a state, one that was seen before included, and returns it within milliseconds of its being said. */
  async seen(what: string, fits: (sighting: Sighting) => boolean, timeoutMs: number): Promise<Sighting> {
    const known = this.#sightings.find(fits);
    if (known !== undefined) return known;
    return await new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
      };
      const listener = (sighting: Sighting): void => {
        if (!fits(sighting)) return;
        end();
        resolve(sighting);
      };
      const timer = setTimeout(() => {
        end();
        const last = this.#sightings.at(-1);
        reject(
          new Error(
            `not within ${timeoutMs / 1000} s: the status says ${what}; it said ${JSON.stringify(last).slice(0, 600)}`,
          ),
        );
      }, timeoutMs);
      this.#listeners.add(listener);
    });
  }

  /** Waits until the status says of an instance that something fitting is wrong with it: its state and the message. */
  async troubled(instance: string, pattern: RegExp, timeoutMs: number): Promise<void> {
    await this.seen(
      `that ${instance} is ${pattern}`,
      ({ troubles }) =>
        troubles.some(({ name, state, message }) => name === instance && pattern.test(`${state} ${message}`)),
      timeoutMs,
    );
  }

  /** Waits until the status holds for such a reason, and an event told so. */
  async held(reason: RegExp, timeoutMs: number): Promise<Sighting> {
    const sighting = await this.seen(
      `a hold ${reason}`,
      ({ hold }) => hold !== undefined && reason.test(hold.reason),
      timeoutMs,
    );
    await waitFor(
      `an event that tells of the hold ${reason}`,
      async () => (await this.warnings()).some((text) => reason.test(text)),
      { timeoutMs: 20_000, intervalMs: 500 },
    );
    return sighting;
  }

  /** The warning events of the cluster so far, as "reason: message". */
  async warnings(): Promise<string[]> {
    const events = await this.#env.kube.list(resources.events, this.#cluster.namespace);
    return events
      .map((event) => eventShape.parse(event))
      .filter(({ involvedObject, type }) => type === 'Warning' && involvedObject.name === this.#cluster.name)
      .map(({ reason, message }) => `${reason}: ${message}`);
  }

  #see(object: unknown): void {
    const { topology } = clusterShape.parse(object).status;
    if (topology === undefined) return;
    const { epoch, primary, writable, operation, hold, instances } = topology;
    const troubles = instances
      .filter(({ state }) => state !== 'Primary' && state !== 'Replicating')
      .map(({ name, state, message = '' }) => ({ name, state, message }));
    const sighting: Sighting = {
      atMs: timestampMs(),
      epoch,
      primary,
      writable,
      operation: operation && {
        what: `${operation.kind} ${operation.phase}`,
        engine: operation.engine,
        to: operation.to,
      },
      hold,
      troubles,
    };
    this.#sightings.push(sighting);
    for (const listener of [...this.#listeners]) listener(sighting);
  }
}
