import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@pilotfish/testkit';
import { leases } from './builtin-resources.ts';
import type { LeaseClient } from './lease-keeper.ts';
import { Membership } from './membership.ts';
import { quietLogger } from './testing/quiet-logger.ts';
import { TestCluster } from './testing/test-cluster.ts';

const timing = { leaseMs: 2_000, renewDeadlineMs: 1_200, retryMs: 300 };
const labels = { 'app.kubernetes.io/component': 'engine-member' };

let cluster: TestCluster;
let namespace: string;
let closers: (() => Promise<void>)[];
beforeAll(async () => {
  cluster = await TestCluster.start();
}, 60_000);
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
  closers = [];
});
afterEach(async () => {
  for (const close of closers) await close();
});

function join(identity: string, client: LeaseClient = cluster.client) {
  const membership = new Membership({
    client,
    namespace,
    prefix: 'engine',
    identity,
    labels,
    logger: quietLogger,
    timing,
  });
  const stop = new AbortController();
  const ended = membership.run(stop.signal);
  const leave = async (): Promise<void> => {
    stop.abort(new Error('shutdown'));
    await ended;
  };
  closers.push(leave);
  return { membership, leave };
}

const toSee = (membership: Membership, members: string[], deadlineMs = 5_000) =>
  eventually(() => membership.members().join() === members.join(), {
    deadlineMs,
    describe: `members ${members.join()}, not ${membership.members().join()}`,
    intervalMs: 5,
  });

/** Until pod-1 has renewed its lease for so long. */
async function toRenewFor(ms: number): Promise<void> {
  const seen = new Set<string | undefined>();
  const renewal = async () => (await cluster.client.get(leases, { namespace, name: 'engine-pod-1' })).spec?.renewTime;
  await eventually(async () => seen.add(await renewal()).size > ms / timing.retryMs, {
    deadlineMs: 15_000,
    describe: `renewals for ${String(ms)} ms`,
  });
}

describe('the members of a group on a real API server', () => {
  test('see each other come and go', async () => {
    const one = join('pod-1');
    await toSee(one.membership, ['pod-1']);
    const two = join('pod-2');
    for (const { membership } of [one, two]) await toSee(membership, ['pod-1', 'pod-2']);
    const changes: (readonly string[])[] = [];
    one.membership.onChange((members) => changes.push(members));
    const beganMs = performance.now();
    await two.leave();
    await toSee(one.membership, ['pod-1']);
    expect(performance.now() - beganMs).toBeLessThan(timing.renewDeadlineMs);
    expect(changes).toEqual([['pod-1']]);
    expect(two.membership.members()).toEqual([]);
    const { items } = await cluster.client.list(leases, { namespace });
    expect(items.map((lease) => lease.metadata.name)).toEqual(['engine-pod-1']);
  });

  test('leave the work of the dead to those that have been there for a lease time', async () => {
    const one = join('pod-1');
    await toRenewFor(1.5 * timing.leaseMs);
    const two = join('pod-2');
    for (const { membership } of [one, two]) await toSee(membership, ['pod-1', 'pod-2']);
    expect(one.membership.elders()).toEqual(['pod-1']);
    expect(two.membership.elders()).toEqual(['pod-1', 'pod-2']);
    await eventually(() => one.membership.elders().length === 2, {
      deadlineMs: 2 * timing.leaseMs,
      describe: 'pod-2 to have been there long enough',
    });
  }, 25_000);

  test('give up a member that is cut off, after it gave up itself', async () => {
    const { client, relay } = await cluster.connectThroughRelay();
    const one = join('pod-1');
    const two = join('pod-2', client);
    for (const { membership } of [one, two]) await toSee(membership, ['pod-1', 'pod-2']);
    relay.freeze();
    const frozenMs = performance.now();
    await toSee(two.membership, []);
    const selfMs = performance.now() - frozenMs;
    expect(one.membership.members()).toEqual(['pod-1', 'pod-2']);
    expect(two.membership.readiness()).toContain('pod-2');
    await toSee(one.membership, ['pod-1']);
    const otherMs = performance.now() - frozenMs;
    expect(selfMs).toBeLessThan(timing.renewDeadlineMs + 300);
    expect(otherMs).toBeGreaterThan(selfMs);
    expect(otherMs).toBeLessThan(timing.leaseMs + 500);
  }, 15_000);

  test('do not give each other up when it is only a watch that died', async () => {
    const one = join('pod-1');
    await toSee(one.membership, ['pod-1']);
    const { client } = cluster;
    const deaf: LeaseClient = {
      find: client.find.bind(client),
      create: client.create.bind(client),
      patchMerge: client.patchMerge.bind(client),
      delete: client.delete.bind(client),
      list: client.list.bind(client),
      // Brings nothing and does not end before it is aborted.
      watch: async function* (_resource, { signal }) {
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        });
        yield* [];
      },
    };
    const two = join('pod-2', deaf);
    await toSee(two.membership, ['pod-1', 'pod-2']);
    const changes: (readonly string[])[] = [];
    two.membership.onChange((members) => changes.push(members));
    await toRenewFor(2.5 * timing.leaseMs);
    expect(changes).toEqual([]);
    await one.leave();
    await toSee(two.membership, ['pod-2']);
  }, 25_000);

  test('take over from their own earlier life', async () => {
    const spec = { holderIdentity: 'pod-1', leaseDurationSeconds: 60, renewTime: '2026-01-01T00:00:00.000000Z' };
    await cluster.client.create(leases, { metadata: { namespace, name: 'engine-pod-1', labels }, spec });
    const one = join('pod-1');
    await toSee(one.membership, ['pod-1'], 1_000);
  });

  test('join again when somebody deletes their lease', async () => {
    const one = join('pod-1');
    await toSee(one.membership, ['pod-1']);
    await cluster.client.delete(leases, { namespace, name: 'engine-pod-1' });
    await toSee(one.membership, []);
    await toSee(one.membership, ['pod-1']);
  });
});
