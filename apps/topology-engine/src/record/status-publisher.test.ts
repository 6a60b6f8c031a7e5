import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@pilotfish/service';
import { ManualClock } from '@pilotfish/testkit';
import { type Contact, decide, type Snapshot } from '@pilotfish/topology';
import { MemoryStore } from '../testing/memory-store.ts';
import { PaperCluster } from '../testing/paper-cluster.ts';
import { seenInstances } from './seen-instances.ts';
import { StatusPublisher } from './status-publisher.ts';
import { TopologyRecord } from './topology-record.ts';

/** A healthy cluster of three that another engine has told everything of, and one that has just begun to look after it. */
async function takenOver() {
  const { snapshot, topology } = (await PaperCluster.start()).look();
  const store = new MemoryStore();
  store.topology = topology;
  const clock = new ManualClock();
  const events: string[] = [];
  const record = await TopologyRecord.open(store, 'test/db');
  const publisher = new StatusPublisher({
    key: 'test/db',
    record,
    store,
    announce: { event: (name) => void events.push(name) },
    clock,
    logger: createLogger({ service: 'test', level: 'fatal' }),
  });
  const publish = async (seen: Snapshot, forMs: number): Promise<void> => {
    await publisher.publish(seen, decide(seen), undefined);
    await clock.advance(forMs);
  };
  const see = (contact: Contact): Promise<void> =>
    publish({ ...snapshot, instances: snapshot.instances.map((one) => ({ ...one, contact })) }, 1_000);
  return { store, record, events, see, publish, snapshot };
}

describe('what an engine tells when it takes over', () => {
  test('nothing, until it has heard of the primary', async () => {
    const { store, events, see } = await takenOver();
    await see({ kind: 'untried' });
    await see({ kind: 'untried' });
    await see({ kind: 'untried' });
    expect(events).toEqual([]);
    expect(store.history).toEqual([]);
    expect(store.conditions).toEqual([]);
  });

  test('a silence that goes on is a hold, with a condition and an event', async () => {
    const { store, events, see } = await takenOver();
    await see({ kind: 'silent', forMs: 2_000 });
    await see({ kind: 'silent', forMs: 3_000 });
    await see({ kind: 'silent', forMs: 4_000 });
    expect(events).toContain('failover-held');
    expect(store.conditions).toContainEqual(
      expect.objectContaining({ type: 'FailoverInProgress', reason: 'FailoverHeld' }),
    );
  });

  test('a hold as soon as it has lasted, though what is seen of the instances was written a moment before', async () => {
    const { store, publish, snapshot } = await takenOver();
    const stalled = (stalledMs: number, replicasSilentMs: number): Snapshot => ({
      ...snapshot,
      acks: { shortMs: 0, stalledMs },
      instances: snapshot.instances.map((one) => {
        if (one.name !== snapshot.recorded.primary || one.contact.kind !== 'observed')
          return { ...one, contact: { kind: 'silent', forMs: replicasSilentMs } };
        return { ...one, contact: { ...one.contact, view: { ...one.contact.view, semiSyncWaitSessions: 1 } } };
      }),
    });
    await publish(stalled(1_500, 4_500), 600);
    const written = store.history.length;
    await publish(stalled(2_100, 5_100), 150);
    expect(store.history).toHaveLength(written + 1);
    expect(store.topology?.hold).toBeUndefined();
    await publish(stalled(2_250, 5_250), 150);
    expect(store.topology?.hold?.reason).toBe('AcksStalled');
  });
});

test('a change that the end of an operation recorded is told, and not written again', async () => {
  const { store, record, events, publish, snapshot } = await takenOver();
  const gone = snapshot.instances.map((one, index) =>
    index < 2 ? one : { ...one, contact: { kind: 'refused' as const, forMs: 5_000 } },
  );
  const seen = { ...snapshot, instances: gone };
  await record.endOperation({ instances: seenInstances(seen, record.current) });
  const written = store.history.length;
  await publish(seen, 0);
  expect(events).toEqual(['instance-state-changed']);
  expect(store.history).toHaveLength(written);
});
