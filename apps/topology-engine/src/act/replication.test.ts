import { describe, expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { type Observation, StatementLog } from '@pilotfish/mysql';
import type { InstanceView } from '@pilotfish/topology';
import type { PlanMember } from './plan-member.ts';
import { follow } from './replication.ts';

const replica: InstanceView = {
  serverUuid: '11111111-1111-1111-1111-111111111111',
  readOnly: true,
  executed: GtidSet.parse('00000000-1111-1111-1111-111111111111:1-10'),
  purged: GtidSet.empty,
  semiSyncSource: false,
  semiSyncWaitFor: 1,
  semiSyncReplica: true,
  semiSyncClients: 0,
  semiSyncWaitSessions: 0,
  heartbeatAgeMs: 100,
  clockOffsetMs: 0,
  uptimeMs: 60_000,
  replication: {
    sourceHost: '10.0.0.1',
    sourceUuid: '00000000-1111-1111-1111-111111111111',
    receiver: 'OFF',
    lastHeardMs: 100,
    received: GtidSet.empty,
    receiving: false,
    receiverErrno: 0,
    receiverError: '',
    applier: 'ON',
    applierErrno: 0,
    applierError: '',
    delaySeconds: 0,
  },
};

/** An instance that is asked and told on paper; `looks` counts how often it was asked. */
function onPaper(view: InstanceView) {
  const statements: string[] = [];
  let looks = 0;
  const session = new StatementLog({} as Observation, (text) => void statements.push(text));
  const member = {
    name: 'db-mysql-1',
    watch: {
      admin: () => Promise.resolve(session),
      look: () => undefined,
      observeNow: () => {
        looks += 1;
        return Promise.resolve(view);
      },
    },
  } as unknown as PlanMember;
  return { member, session, statements, looks: () => looks };
}

const account = { user: 'repl', password: 'secret' };
const options = {
  source: { host: '10.0.0.2', port: 3306, address: '10.0.0.2' } as PlanMember,
  isMember: true,
  credentials: { operator: account, replication: account, agentToken: '' },
  deadlineMs: 1_000,
};

const verbs = (statements: readonly string[]): string[] =>
  statements.map((text) => /super_read_only|CHANGE|START|STOP/.exec(text)?.[0] ?? text);

describe('putting a replica whose receiver was stopped under a new primary', () => {
  test('it receives as soon as may be: closing it for administrators too comes last', async () => {
    const { member, statements, looks } = onPaper(replica);
    await follow(member, options);
    expect(looks()).toBe(1);
    expect(verbs(statements)).toEqual(['CHANGE', 'START', 'super_read_only']);
  });

  test('one that is open is closed before anything else', async () => {
    const { member, statements } = onPaper({ ...replica, readOnly: false });
    await follow(member, options);
    expect(verbs(statements)).toEqual(['super_read_only', 'CHANGE', 'START']);
  });

  test('what was seen on its session a moment ago is not asked again', async () => {
    const { member, session, looks } = onPaper(replica);
    await follow(member, { ...options, seen: { session, view: replica } });
    expect(looks()).toBe(0);
  });

  test('what was seen on a session that has ended is: its server may have begun another life', async () => {
    const { member, looks } = onPaper(replica);
    await follow(member, { ...options, seen: { session: onPaper(replica).session, view: replica } });
    expect(looks()).toBe(1);
  });
});
