import { describe, expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import type { InstanceView } from '@pilotfish/topology';
import { AckStallWatch } from './ack-stall-watch.ts';

const uuid = 'aaaaaaaa-1111-1111-1111-111111111111';

const primary = (last: number, waiting: number, clients = 2): InstanceView => ({
  serverUuid: uuid,
  readOnly: false,
  executed: GtidSet.parse(`${uuid}:1-${String(last)}`),
  purged: GtidSet.empty,
  semiSyncSource: true,
  semiSyncWaitFor: 1,
  semiSyncReplica: false,
  semiSyncClients: clients,
  semiSyncWaitSessions: waiting,
  replication: null,
  heartbeatAgeMs: 100,
  clockOffsetMs: 0,
  uptimeMs: 60_000,
});

describe('acknowledgements that do not come', () => {
  test('commits that wait are a stall since they were first seen', () => {
    const watch = new AckStallWatch();
    watch.look(primary(10, 3), 1, 1_000);
    watch.look(primary(10, 5), 1, 3_500);
    expect(watch.evidence(4_000)).toEqual({ shortMs: 0, stalledMs: 3_000 });
  });

  test('under load commits wait all the time, and get through', () => {
    const watch = new AckStallWatch();
    for (let second = 0; second < 10; second += 1) watch.look(primary(10 + second, 3), 1, second * 1_000);
    expect(watch.evidence(9_500).stalledMs).toBe(500);
  });

  test('one look without a waiting commit ends it', () => {
    const watch = new AckStallWatch();
    watch.look(primary(10, 3), 1, 0);
    watch.look(primary(10, 0), 1, 5_000);
    watch.look(primary(10, 1), 1, 6_000);
    expect(watch.evidence(6_500).stalledMs).toBe(500);
  });

  test('too few connected replicas are seen although nobody commits', () => {
    const watch = new AckStallWatch();
    watch.look(primary(10, 0, 0), 1, 0);
    watch.look(primary(10, 0, 0), 1, 2_000);
    expect(watch.evidence(4_000)).toEqual({ shortMs: 4_000, stalledMs: 0 });
    watch.look(primary(10, 0, 1), 1, 5_000);
    expect(watch.evidence(6_000).shortMs).toBe(0);
  });

  test('nothing is known of a primary that does not answer, or after this process stood still', () => {
    const watch = new AckStallWatch();
    watch.look(primary(10, 3, 0), 1, 0);
    watch.look(undefined, 1, 1_000);
    expect(watch.evidence(9_000)).toEqual({ shortMs: 0, stalledMs: 0 });
    watch.look(primary(10, 3, 0), 1, 9_000);
    watch.restart();
    expect(watch.evidence(60_000)).toEqual({ shortMs: 0, stalledMs: 0 });
  });
});
