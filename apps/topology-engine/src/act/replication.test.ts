import { describe, expect, test } from '@jest/globals';
import { type Observation, StatementLog } from '@pilotfish/mysql';
import { type InstanceView, viewOf } from '@pilotfish/topology';
import { PaperCluster } from '../testing/paper-cluster.ts';
import type { PlanMember } from './plan-member.ts';
import { follow } from './replication.ts';

const { snapshot } = (await PaperCluster.start()).look();
const seen = viewOf(snapshot.instances[1]);
if (!seen?.replication) throw new Error('the second instance of the paper cluster replicates');
/** Its receiver was stopped, as a failover does. */
const replica: InstanceView = { ...seen, replication: { ...seen.replication, receiver: 'OFF' } };

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
