import { leases } from './builtin-resources.ts';
import type { Lease } from './builtin-types.ts';
import { type Clock, systemClock } from './clock.ts';
import { Informer } from './informer.ts';
import { type KubeMetrics, noKubeMetrics } from './kube-metrics.ts';
import { keyOf } from './kube-object.ts';
import { type LeaseClient, LeaseKeeper } from './lease-keeper.ts';
import { LeaseObserver } from './lease-observer.ts';
import { compileLeaseTiming, type LeaseTiming } from './lease-timing.ts';
import type { Logger } from './logger.ts';

export interface MembershipOptions {
  readonly client: LeaseClient;
  readonly namespace: string;
  /** The member's Lease is called `<prefix>-<identity>`. */
  readonly prefix: string;
  /** Unique among the members, and a DNS label; the pod's name. */
  readonly identity: string;
  /** On every member's Lease, and how they find each other; one label is enough. */
  readonly labels: Readonly<Record<string, string>>;
  readonly logger: Logger;
  readonly metrics?: KubeMetrics;
  readonly clock?: Clock;
  readonly timing?: Partial<LeaseTiming>;
  readonly random?: () => number;
}

/** Leases of members that died are kept so long, in milliseconds, for people to look at. */
const burialMs = 600_000;

/**
 * The live members of a group that shares work. Each renews a Lease of its own; alive is whoever was seen to renew within
 * the lease time. Members may see a change at different moments: an owner is who should do it, not proof that nobody
 * else does.
 */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #clock: Clock;
  readonly #metrics: KubeMetrics;
  readonly #timing: LeaseTiming;
  readonly #keeper: LeaseKeeper;
  readonly #observer: LeaseObserver;
  readonly #informer: Informer<Lease>;
  readonly #handlers = new Set<(members: readonly string[]) => void>();
  #members: readonly string[] = [];
  /** When each live member was first seen alive, this one included. */
  readonly #since = new Map<string, number>();
  readonly #labelSelector: string;
  #recheck: AbortController | undefined;
  #left = false;
  #confirming = false;
  /** Versions of leases that the server, too, has nothing newer of. */
  #confirmedDead: ReadonlySet<string> = new Set();

  constructor(options: MembershipOptions) {
    const { clock = systemClock, random = Math.random, client, namespace, logger, labels, prefix, identity } = options;
    this.#options = options;
    this.#clock = clock;
    this.#metrics = options.metrics ?? noKubeMetrics;
    this.#timing = compileLeaseTiming(options.timing);
    this.#observer = new LeaseObserver(clock, this.#timing.leaseMs);
    const name = `${prefix}-${identity}`;
    this.#keeper = new LeaseKeeper({ client, namespace, name, identity, labels, clock, random, timing: this.#timing });
    this.#labelSelector = Object.entries(labels)
      .map(([label, value]) => `${label}=${value}`)
      .join(',');
    this.#informer = new Informer({
      client,
      resource: leases,
      namespace,
      labelSelector: this.#labelSelector,
      logger,
      clock,
    });
    this.#informer.onChange(({ type, object }) => {
      if (type === 'deleted') this.#observer.forget(keyOf(object));
      else this.#observer.observe(object);
      this.#refresh();
    });
  }

  /** Live members, this one included, sorted; empty while this one cannot renew its own lease or has not joined. */
  members(): readonly string[] {
    return this.#keeper.holds ? this.#members : [];
  }

  /**
   * Live members that have been here for a lease time, and so know who is dead; all of them while none has. Work of a dead
   * member that went to a newer one would wait until that one, too, has seen the lease run out.
   */
  elders(): readonly string[] {
    const members = this.members();
    const elders = members.filter((member) => this.#clock.nowMs() - this.#sinceOf(member) >= this.#timing.leaseMs);
    return elders.length > 0 ? elders : members;
  }

  /** For /readyz. */
  readonly readiness = (): string | undefined =>
    this.#keeper.holds ? undefined : `the membership lease of ${this.#options.identity} is not held`;

  /** Called with `members()` after each change of it. Returns how to take the handler away. */
  onChange(handler: (members: readonly string[]) => void): () => void {
    this.#handlers.add(handler);
    return () => {
      this.#handlers.delete(handler);
    };
  }

  /** Joins, stays a member until the signal is aborted, then leaves by deleting the lease. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { logger, identity } = this.#options;
    const watch = this.#informer.run(signal);
    do {
      try {
        if (await this.#join(signal)) {
          this.#refresh();
          const why = await this.#keeper.keep(signal, () => this.#refresh());
          logger.error({ identity, why }, 'membership lost');
          this.#refresh();
        }
      } catch (error) {
        if (signal.aborted) break;
        logger.warn({ err: error, identity }, 'could not join');
      }
      await this.#clock.sleep(this.#timing.retryMs, signal).catch(() => undefined);
    } while (!signal.aborted);
    this.#left = true;
    this.#recheck?.abort();
    await this.#keeper.remove(this.#timing.renewDeadlineMs / 2).catch((error: unknown) => {
      logger.warn({ err: error, identity }, 'membership lease could not be deleted');
    });
    await watch;
  }

  /** The own name is nobody else's: whatever lease there is under it was left by an earlier life of this member. */
  async #join(signal: AbortSignal): Promise<boolean> {
    const { client, namespace, prefix, identity } = this.#options;
    await this.#informer.whenSynced(signal);
    const options = { signal, deadlineMs: this.#timing.renewDeadlineMs / 2 };
    const current = await client.find(leases, { namespace, name: `${prefix}-${identity}` }, options);
    return await this.#keeper.take(current, signal);
  }

  #sinceOf(member: string): number {
    return this.#since.get(member) ?? this.#clock.nowMs();
  }

  /** Works out anew who is alive, tells of changes, and sets the time of the next look. */
  #refresh(): void {
    const { identity, logger, prefix } = this.#options;
    const alive = new Set<string>(this.#keeper.holds ? [identity] : []);
    let nextMs = this.#keeper.holds ? this.#keeper.remainingMs : Number.POSITIVE_INFINITY;
    for (const lease of this.#informer.store.list()) {
      const holder = lease.spec?.holderIdentity;
      if (!holder || holder === identity) continue;
      const remainingMs = this.#observer.remainingMs(keyOf(lease));
      const dead = remainingMs <= 0 && this.#confirmedDead.has(versionOf(lease));
      if (!dead && this.#keeper.holds) alive.add(holder);
      if (remainingMs > 0) nextMs = Math.min(nextMs, remainingMs);
      else if (!dead) this.#confirm();
      else if (remainingMs < -burialMs) this.#bury(lease);
    }
    this.#schedule(nextMs);
    const members = [...alive].sort();
    if (members.join() === this.#members.join()) return;
    for (const member of this.#since.keys()) if (!alive.has(member)) this.#since.delete(member);
    for (const member of members) this.#since.set(member, this.#sinceOf(member));
    logger.info({ group: prefix, members, before: this.#members }, 'members changed');
    this.#members = members;
    this.#metrics.liveMembers(prefix, members.length);
    for (const handler of this.#handlers) {
      try {
        handler(members);
      } catch (error) {
        logger.error({ err: error }, 'member change handler failed');
      }
    }
  }

  /**
   * Asks the server before a member is given up: it may be our watch that is dead, and not the member. When it cannot be
   * asked, this member is cut off itself, and is none soon.
   */
  #confirm(): void {
    if (this.#confirming) return;
    this.#confirming = true;
    const { client, namespace, logger } = this.#options;
    const options = { namespace, labelSelector: this.#labelSelector, deadlineMs: this.#timing.renewDeadlineMs / 2 };
    client
      .list(leases, options)
      .then(({ items }) => {
        for (const lease of items) this.#observer.observe(lease);
        const expired = this.#informer.store.list().filter((lease) => this.#observer.remainingMs(keyOf(lease)) <= 0);
        this.#confirmedDead = new Set(expired.map(versionOf));
        this.#confirming = false;
        this.#refresh();
      })
      .catch((error: unknown) => {
        logger.warn({ err: error }, 'members could not be looked up');
        this.#confirming = false;
        this.#schedule(this.#timing.retryMs);
      });
  }

  #schedule(ms: number): void {
    this.#recheck?.abort();
    this.#recheck = undefined;
    if (this.#left || !Number.isFinite(ms)) return;
    const controller = new AbortController();
    this.#recheck = controller;
    this.#clock.sleep(Math.max(1, ms), controller.signal).then(
      () => this.#refresh(),
      () => undefined,
    );
  }

  #bury(lease: Lease): void {
    const { client, logger } = this.#options;
    const { uid, resourceVersion } = lease.metadata;
    const preconditions = { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
    client.delete(leases, lease.metadata, { preconditions }).catch((error: unknown) => {
      logger.debug({ err: error, lease: lease.metadata.name }, 'lease of a dead member could not be deleted');
    });
  }
}

function versionOf(lease: Lease): string {
  return `${lease.metadata.uid ?? ''} ${lease.metadata.resourceVersion ?? ''}`;
}
