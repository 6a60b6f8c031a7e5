import { leases } from './builtin-resources.ts';
import type { Lease } from './builtin-types.ts';
import { type Clock, systemClock } from './clock.ts';
import { Informer } from './informer.ts';
import { type KubeMetrics, noKubeMetrics } from './kube-metrics.ts';
import { type LeaseClient, LeaseKeeper } from './lease-keeper.ts';
import { LeaseObserver } from './lease-observer.ts';
import { compileLeaseTiming, type LeaseTiming } from './lease-timing.ts';
import { linkedAbort } from './linked-abort.ts';
import type { Logger } from './logger.ts';

export interface LeaderElectionOptions {
  readonly client: LeaseClient;
  readonly namespace: string;
  /** Name of the Lease. */
  readonly name: string;
  /** Unique among the candidates; the pod's name. */
  readonly identity: string;
  readonly logger: Logger;
  readonly metrics?: KubeMetrics;
  readonly clock?: Clock;
  readonly timing?: Partial<LeaseTiming>;
  readonly random?: () => number;
}

/** Another may lead by now: stop writing at once, and exit. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

/**
 * One leader among candidates, by a Lease. Candidates watch it, so a lease that was given back is taken in
 * milliseconds, and one that was abandoned when its time is over.
 */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #clock: Clock;
  readonly #metrics: KubeMetrics;
  readonly #timing: LeaseTiming;
  readonly #keeper: LeaseKeeper;
  readonly #observer: LeaseObserver;
  readonly #key: string;
  #wake: () => void = () => undefined;

  constructor(options: LeaderElectionOptions) {
    const { clock = systemClock, random = Math.random } = options;
    this.#options = options;
    this.#clock = clock;
    this.#metrics = options.metrics ?? noKubeMetrics;
    this.#timing = compileLeaseTiming(options.timing);
    this.#keeper = new LeaseKeeper({ ...options, clock, random, timing: this.#timing });
    this.#observer = new LeaseObserver(clock, this.#timing.leaseMs);
    this.#key = `${options.namespace}/${options.name}`;
    this.#metrics.leading(options.name, false);
  }

  /** Asked before a write, it also sees a lease that ran out while this process stood still. */
  isLeading(): boolean {
    return this.#keeper.holds;
  }

  /**
   * Waits for the lease, then calls `lead` once with a signal that is aborted on loss and on shutdown. Resolves when
   * `lead` has ended after shutdown and the lease is given back. Rejects with LeadershipLostError on loss, and with
   * what `lead` rejects with; end the process then.
   */
  async run(signal: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { logger, name, identity } = this.#options;
    try {
      await this.#acquire(signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    logger.info({ lease: name, identity }, 'leading');
    this.#metrics.leading(name, true);
    try {
      await this.#leadUntilLost(signal, lead);
    } finally {
      this.#metrics.leading(name, false);
      await this.#keeper.release(this.#timing.renewDeadlineMs / 2).catch((error: unknown) => {
        logger.warn({ err: error, lease: name }, 'lease could not be given back');
      });
    }
  }

  async #leadUntilLost(signal: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const leading = linkedAbort(signal);
    // Outlives the shutdown signal: the lease is kept until the last of the work has ended.
    const keeping = linkedAbort(undefined);
    const work = lead(leading.signal);
    const lost = this.#keeper.keep(keeping.signal).then(
      (why) => new LeadershipLostError(`lease ${this.#key} is lost: ${why}`),
      () => undefined,
    );
    try {
      const loss = await Promise.race([work.then(() => undefined), lost]);
      if (!loss) return;
      leading.abort(loss);
      const graceMs = this.#timing.leaseMs - this.#timing.renewDeadlineMs;
      await Promise.race([work.catch(() => undefined), this.#clock.sleep(graceMs)]);
      throw loss;
    } finally {
      leading.dispose();
      keeping.abort(new Error('done'));
      await lost;
    }
  }

  async #acquire(signal: AbortSignal): Promise<void> {
    const { client, namespace, name, logger, clock } = this.#options;
    const watching = linkedAbort(signal);
    const informer = new Informer({
      client,
      resource: leases,
      namespace,
      fieldSelector: `metadata.name=${name}`,
      logger,
      ...(clock ? { clock } : {}),
    });
    informer.onChange(({ type, object }) => {
      if (type === 'deleted') this.#observer.forget(this.#key);
      else this.#observer.observe(object);
      this.#wake();
    });
    const watch = informer.run(watching.signal);
    try {
      while (!(await this.#tryTake(signal))) await this.#untilTakeable(informer, signal);
    } finally {
      watching.abort(new Error('leading'));
      watching.dispose();
      await watch;
    }
  }

  async #tryTake(signal: AbortSignal): Promise<boolean> {
    const { client, namespace, name, logger } = this.#options;
    try {
      const deadlineMs = this.#timing.renewDeadlineMs / 2;
      const current = await client.find(leases, { namespace, name }, { signal, deadlineMs });
      if (current) this.#observer.observe(current);
      if (current && !this.#isTakeable(current)) return false;
      return await this.#keeper.take(current, signal);
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ err: error, lease: name }, 'lease could not be taken');
      return false;
    }
  }

  #isTakeable(lease: Lease): boolean {
    return !lease.spec?.holderIdentity || this.#keeper.isOwn(lease) || this.#observer.remainingMs(this.#key) <= 0;
  }

  /** Waits until the lease may be free; at least `retryMs` when it could not be taken although it is. */
  async #untilTakeable(informer: Informer<Lease>, signal: AbortSignal): Promise<void> {
    const { random = Math.random } = this.#options;
    for (let first = true; ; first = false) {
      const seen = informer.store.get(this.#key);
      const remainingMs = seen && !this.#isTakeable(seen) ? this.#observer.remainingMs(this.#key) : 0;
      if (remainingMs <= 0 && !first) return;
      const pauseMs = remainingMs > 0 ? remainingMs : this.#timing.retryMs * (1 + random() / 5);
      await this.#sleepOrChange(pauseMs, signal);
    }
  }

  async #sleepOrChange(ms: number, signal: AbortSignal): Promise<void> {
    const link = linkedAbort(signal);
    this.#wake = () => link.abort(new Error('changed'));
    await this.#clock.sleep(ms, link.signal).catch(() => undefined);
    link.dispose();
    signal.throwIfAborted();
  }
}
