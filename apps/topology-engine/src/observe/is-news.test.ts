import { expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import type { Contact, InstanceView, ReplicationView } from '@pilotfish/topology';
import { isNews } from './is-news.ts';

const executed = GtidSet.parse('aaaaaaaa-1111-1111-1111-111111111111:1-10');
const replication: ReplicationView = {
  sourceHost: '10.0.0.1:3306',
  sourceUuid: 'aaaaaaaa-1111-1111-1111-111111111111',
  receiver: 'ON',
  lastHeardMs: 100,
  received: executed,
  receiving: false,
  receiverErrno: 0,
  receiverError: '',
  applier: 'ON',
  applierErrno: 0,
  applierError: '',
  delaySeconds: 0,
};
const view: InstanceView = {
  serverUuid: 'bbbbbbbb-1111-1111-1111-111111111111',
  readOnly: true,
  executed,
  purged: GtidSet.empty,
  semiSyncSource: false,
  semiSyncWaitFor: 1,
  semiSyncReplica: true,
  semiSyncClients: 0,
  semiSyncWaitSessions: 0,
  heartbeatAgeMs: 100,
  clockOffsetMs: 0,
  uptimeMs: 1_000,
  replication,
};
const observed = (change: Partial<InstanceView> = {}): Contact => ({
  kind: 'observed',
  ageMs: 1,
  view: { ...view, ...change },
});

test('time that passes is no news', () => {
  const later = { heartbeatAgeMs: 600, clockOffsetMs: 3, uptimeMs: 1_500 };
  expect(isNews(observed({ ...later, replication: { ...replication, lastHeardMs: 300 } }), observed())).toBe(false);
  expect(isNews({ kind: 'refused', forMs: 900 }, { kind: 'refused', forMs: 100 })).toBe(false);
});

test.each<[string, Contact, Contact | undefined]>([
  ['the first answer', observed(), undefined],
  ['no answer any more', { kind: 'silent', forMs: 1_200 }, observed()],
  ['an answer again', observed(), { kind: 'refused', forMs: 100 }],
  ['another transaction', observed({ executed: GtidSet.parse(`${view.serverUuid}:1-11`) }), observed()],
  ['an open server', observed({ readOnly: false }), observed()],
  ['a lost source', observed({ replication: { ...replication, receiver: 'CONNECTING' } }), observed()],
  ['replication that was removed', observed({ replication: null }), observed()],
  ['replication that was set up', observed(), observed({ replication: null })],
])('%s is', (_what, now, before) => {
  expect(isNews(now, before)).toBe(true);
});
