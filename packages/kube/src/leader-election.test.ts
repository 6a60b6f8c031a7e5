import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@pilotfish/testkit';
import { leases } from './builtin-resources.ts';
import { LeaderElection, LeadershipLostError } from './leader-election.ts';
import type { LeaseClient } from './lease-keeper.ts';
import { quietLogger } from './testing/quiet-logger.ts';
import { TestCluster } from './testing/test-cluster.ts';

const timing = { leaseMs: 2_000, renewDeadlineMs: 1_200, retryMs: 300 };

let cluster: TestCluster;
let namespace: string;
let candidates: Candidate[];
beforeAll(async () => {
  cluster = await TestCluster.start();
}, 60_000);
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
  candidates = [];
});
afterEach(async () => {
  for (const candidate of candidates) await candidate.shutDown();
});

/** A candidate that does nothing but lead. */
class Candidate {
  readonly identity: string;
  readonly election: LeaderElection;
  readonly #shutdown = new AbortController();
  readonly ended: Promise<unknown>;
  ledAtMs: number | undefined;
  warnings = 0;
  stoppedAtMs: number | undefined;

  constructor(identity: string, client: LeaseClient = cluster.client) {
    this.identity = identity;
    const logger = { ...quietLogger, warn: () => this.#countWarning() };
    const options = { client, namespace, name: 'test', identity, logger, timing };
    this.election = new LeaderElection(options);
    this.ended = this.election
      .run(this.#shutdown.signal, async (signal) => {
        this.ledAtMs = performance.now();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        this.stoppedAtMs = performance.now();
      })
      .catch((error: unknown) => error);
    candidates.push(this);
  }

  #countWarning(): void {
    this.warnings += 1;
  }

  get leads(): boolean {
    return this.election.isLeading();
  }

  async shutDown(): Promise<unknown> {
    this.#shutdown.abort(new Error('shutdown'));
    return await this.ended;
  }
}

/** The real client, in parts that a test can exchange. */
function leaseClient(): LeaseClient {
  const { client } = cluster;
  return {
    find: client.find.bind(client),
    create: client.create.bind(client),
    patchMerge: client.patchMerge.bind(client),
    delete: client.delete.bind(client),
    list: client.list.bind(client),
    watch: client.watch.bind(client),
  };
}

const toLead = (candidate: Candidate, deadlineMs = 5_000) =>
  eventually(() => candidate.ledAtMs, { deadlineMs, describe: `${candidate.identity} to lead`, intervalMs: 5 });
const readLease = () => cluster.client.get(leases, { namespace, name: 'test' });

/** Resolves when the lease was renewed so often from now. */
async function renewals(count: number): Promise<void> {
  const seen = new Set<string | undefined>();
  await eventually(async () => seen.add((await readLease()).spec?.renewTime).size > count, {
    deadlineMs: 20_000,
    describe: `${count} renewals`,
  });
}

describe('a leader election on a real API server', () => {
  test('has one leader, who says so in the lease', async () => {
    const first = new Candidate('a');
    await toLead(first);
    const second = new Candidate('b');
    await renewals(Math.ceil(timing.leaseMs / timing.retryMs) + 1);
    expect([first.leads, second.leads, second.ledAtMs]).toEqual([true, false, undefined]);
    expect((await readLease()).spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 2 });
  });

  test('hands over at once at shutdown', async () => {
    const first = new Candidate('a');
    await toLead(first);
    const second = new Candidate('b');
    await renewals(2);
    const beganMs = performance.now();
    expect(await first.shutDown()).toBeUndefined();
    const tookMs = (await toLead(second)) - beganMs;
    expect(first.leads).toBe(false);
    expect(tookMs).toBeLessThan(timing.renewDeadlineMs);
    expect((await readLease()).spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  test('stops a leader that is cut off before another one leads, within the lease time', async () => {
    const { client, relay } = await cluster.connectThroughRelay();
    const first = new Candidate('a', client);
    await toLead(first);
    const second = new Candidate('b');
    await renewals(2);
    const frozenMs = performance.now();
    relay.freeze();
    const ledMs = await toLead(second);
    expect(first.leads).toBe(false);
    expect(await first.ended).toBeInstanceOf(LeadershipLostError);
    const stoppedMs = first.stoppedAtMs ?? Number.NaN;
    expect(stoppedMs - frozenMs).toBeLessThan(timing.renewDeadlineMs + 300);
    expect(ledMs - stoppedMs).toBeGreaterThan(0);
    expect(ledMs - frozenMs).toBeLessThan(timing.leaseMs + 500);
  }, 10_000);

  test('loses the lease to whoever deletes or takes it by force', async () => {
    const first = new Candidate('a');
    await toLead(first);
    await cluster.client.patchMerge(leases, { namespace, name: 'test' }, { spec: { holderIdentity: 'usurper' } });
    const error = await first.ended;
    expect(error).toBeInstanceOf(LeadershipLostError);
    expect(String(error)).toContain('it went to usurper');
    expect((await readLease()).spec).toMatchObject({ holderIdentity: 'usurper' });
  });

  test('renews on when only the answer to a renewal was lost', async () => {
    let patches = 0;
    const deaf: LeaseClient = {
      ...leaseClient(),
      patchMerge: async (...args) => {
        const answer = await cluster.client.patchMerge(...args);
        patches += 1;
        if (patches === 2) throw new Error('the answer was lost');
        return answer;
      },
    };
    const first = new Candidate('a', deaf);
    await toLead(first);
    await eventually(() => patches > 5, { deadlineMs: 20_000, describe: 'more renewals' });
    expect([first.leads, first.stoppedAtMs]).toEqual([true, undefined]);
  }, 10_000);

  test('takes the lease at once when only the answer to its taking was lost', async () => {
    let creations = 0;
    const deaf: LeaseClient = {
      ...leaseClient(),
      create: async (...args) => {
        await cluster.client.create(...args);
        creations += 1;
        throw new Error('the answer was lost');
      },
    };
    const beganMs = performance.now();
    const first = new Candidate('a', deaf);
    expect((await toLead(first)) - beganMs).toBeLessThan(timing.renewDeadlineMs);
    expect(creations).toBe(1);
  });

  test('gives the lease back though a renewal comes through while it ends', async () => {
    let shutDown: Promise<unknown> | undefined;
    const racing: LeaseClient = {
      ...leaseClient(),
      patchMerge: async (resource, ref, patch, options) => {
        const { signal: _outlivesShutdown, ...rest } = options ?? {};
        const written = cluster.client.patchMerge(resource, ref, patch, rest);
        if (shutDown || !options?.signal) return await written;
        // The first renewal: written, but the end comes before its answer.
        shutDown = first.shutDown();
        await written;
        throw new Error('aborted');
      },
    };
    const first = new Candidate('a', racing);
    await eventually(() => shutDown !== undefined, { deadlineMs: 20_000, describe: 'the first renewal' });
    await first.ended;
    expect((await readLease()).spec).toMatchObject({ holderIdentity: '' });
  });

  test('never has two leaders at once, however often they come and go', async () => {
    let mostAtOnce = 0;
    const watch = setInterval(() => {
      mostAtOnce = Math.max(mostAtOnce, candidates.filter((candidate) => candidate.leads).length);
    }, 1);
    const leaders: string[] = [];
    for (let i = 0; i < 3; i += 1) new Candidate(`c${i}`);
    for (let round = 0; round < 15; round += 1) {
      const leader = await eventually(() => candidates.find((candidate) => candidate.leads), {
        deadlineMs: 20_000,
        describe: 'a leader',
        intervalMs: 2,
      });
      leaders.push(leader.identity);
      new Candidate(`d${round}`);
      await leader.shutDown();
    }
    clearInterval(watch);
    expect(mostAtOnce).toBe(1);
    expect(new Set(leaders).size).toBe(15);
  }, 30_000);

  test('waits for the API server', async () => {
    const { client, relay } = await cluster.connectThroughRelay();
    await relay.close();
    const first = new Candidate('a', client);
    await eventually(() => first.warnings >= 2, { deadlineMs: 20_000, describe: 'two attempts' });
    expect(first.leads).toBe(false);
    expect(await first.shutDown()).toBeUndefined();
  });
});
