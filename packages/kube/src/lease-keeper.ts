import { leases } from './builtin-resources.ts';
import type { Lease } from './builtin-types.ts';
import type { Clock } from './clock.ts';
import type { KubeClient } from './kube-client.ts';
import { KubeError } from './kube-error.ts';
import { type LeaseTiming, leaseSeconds, microTime } from './lease-timing.ts';

/** What keeping leases needs of a client. */
export type LeaseClient = Pick<KubeClient, 'find' | 'create' | 'patchMerge' | 'delete' | 'list' | 'watch'>;

export interface LeaseKeeperOptions {
  readonly client: LeaseClient;
  readonly namespace: string;
  readonly name: string;
  readonly identity: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly timing: LeaseTiming;
  readonly random: () => number;
}

/** Takes, renews and gives back one Lease. Every write carries the resourceVersion it was decided on. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  #held: Lease | undefined;
  /** When this process last tried to take the lease, as written into it: says whether a lease is its own. */
  #acquireTime: string | undefined;
  #renewedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** True within the renew deadline of the last renewal, even when this process stood still since. */
  get holds(): boolean {
    return this.#held !== undefined && this.remainingMs > 0;
  }

  /** Milliseconds until `holds` turns false without a renewal. */
  get remainingMs(): number {
    return this.#renewedAtMs + this.#options.timing.renewDeadlineMs - this.#options.clock.nowMs();
  }

  /** True when this very process took it, though it may not have heard so; a process of the same name does not count. */
  isOwn(lease: Lease): boolean {
    const { holderIdentity, acquireTime } = lease.spec ?? {};
    return holderIdentity === this.#options.identity && acquireTime === this.#acquireTime;
  }

  /**
   * Takes the lease as it was read (or makes it when there was none). False when somebody was faster; rejects when the
   * API server did not answer or refused.
   */
  async take(current: Lease | undefined, signal: AbortSignal): Promise<boolean> {
    const { client, namespace, name, identity, labels, timing, clock } = this.#options;
    const startedMs = clock.nowMs();
    const now = microTime(clock.wall());
    this.#acquireTime = now;
    const transitions = current?.spec?.leaseTransitions ?? 0;
    const spec = {
      holderIdentity: identity,
      leaseDurationSeconds: leaseSeconds(timing),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: current && current.spec?.holderIdentity !== identity ? transitions + 1 : transitions,
    };
    const options = { signal, deadlineMs: this.#attemptMs() };
    try {
      this.#held = current
        ? await client.patchMerge(
            leases,
            { namespace, name },
            { metadata: precondition(current, labels), spec },
            options,
          )
        : await client.create(leases, { metadata: { namespace, name, ...(labels ? { labels } : {}) }, spec }, options);
    } catch (error) {
      if (error instanceof KubeError && (error.isConflict || error.isAlreadyExists || error.isNotFound)) return false;
      throw error;
    }
    this.#renewedAtMs = startedMs;
    return true;
  }

  /** Renews until the lease is lost, and resolves with why; rejects with the signal's reason once it is aborted. */
  async keep(signal: AbortSignal, onRenewed: () => void = () => undefined): Promise<string> {
    const { clock, timing, random } = this.#options;
    let problem = 'it was not renewed in time';
    for (;;) {
      await clock.sleep(Math.max(0, Math.min(timing.retryMs * (1 + random() / 5), this.remainingMs)), signal);
      if (!this.holds) return this.#lose(problem);
      try {
        const lost = await this.#renew(signal);
        if (lost !== undefined) return this.#lose(lost);
        onRenewed();
      } catch (error) {
        signal.throwIfAborted();
        problem = `it could not be renewed: ${error instanceof Error ? error.message : String(error)}`;
      }
    }
  }

  /** Empties the lease so that others need not wait. Does nothing when it is not held; errors are the caller's. */
  async release(deadlineMs: number): Promise<void> {
    const { client, namespace, name } = this.#options;
    const held = this.#held;
    this.#held = undefined;
    if (!held) return;
    const release = (lease: Lease) => {
      const spec = { holderIdentity: '', leaseDurationSeconds: 1 };
      return client.patchMerge(leases, { namespace, name }, { metadata: precondition(lease), spec }, { deadlineMs });
    };
    try {
      await release(held);
    } catch (error) {
      if (!(error instanceof KubeError && error.isConflict)) throw error;
      // A renewal that was under way when the keeping ended may have come through.
      const current = await client.find(leases, { namespace, name }, { deadlineMs });
      if (current && this.isOwn(current)) await release(current);
    }
  }

  /** Deletes the lease, if it still is as it was left. */
  async remove(deadlineMs: number): Promise<void> {
    const { client, namespace, name } = this.#options;
    const held = this.#held;
    this.#held = undefined;
    if (!held?.metadata.uid) return;
    await client.delete(leases, { namespace, name }, { deadlineMs, preconditions: { uid: held.metadata.uid } });
  }

  /** Undefined when renewed, otherwise why it is lost for good; rejects when it may be tried again. */
  async #renew(signal: AbortSignal): Promise<string | undefined> {
    const { client, namespace, name, clock } = this.#options;
    if (!this.#held) return 'it was given up';
    const startedMs = clock.nowMs();
    const patch = { metadata: precondition(this.#held), spec: { renewTime: microTime(clock.wall()) } };
    const attempt = () => ({ signal, deadlineMs: Math.max(1, Math.min(this.#attemptMs(), this.remainingMs)) });
    try {
      this.#held = await client.patchMerge(leases, { namespace, name }, patch, attempt());
      this.#renewedAtMs = startedMs;
      return undefined;
    } catch (error) {
      if (!(error instanceof KubeError && (error.isConflict || error.isNotFound))) throw error;
    }
    // Either another one took it, or an earlier renewal of ours came through although its answer did not.
    const current = await client.find(leases, { namespace, name }, attempt());
    if (!current) return 'it was deleted';
    if (!this.isOwn(current)) return `it went to ${current.spec?.holderIdentity || 'nobody'}`;
    this.#held = current;
    return undefined;
  }

  #lose(why: string): string {
    this.#held = undefined;
    return why;
  }

  /** Two attempts fit into the renew deadline: one that hangs must not cost the lease. None lasts beyond it. */
  #attemptMs(): number {
    return this.#options.timing.renewDeadlineMs / 2;
  }
}

function precondition(lease: Lease, labels?: Readonly<Record<string, string>>): object {
  return { resourceVersion: lease.metadata.resourceVersion, ...(labels ? { labels } : {}) };
}
