import { expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { type Observation, StatementLog } from '@pilotfish/mysql';
import { createLogger, systemClock } from '@pilotfish/service';
import { failoverSteps, type Plan } from '@pilotfish/topology';
import type { PlanMember } from '../plan-member.ts';
import { type PlanContext, PlanRun } from '../plan-run.ts';
import { drain } from './hand-over.ts';

const uuid = '00000000-1111-1111-1111-111111111111';
const source = { name: 'db-mysql-2', host: '10.0.0.3', port: 3306, address: '10.0.0.3' } as PlanMember;
const account = { user: 'repl', password: 'secret' };
const drainMs = failoverSteps.find((step) => step.do === 'drain')?.deadlineMs ?? 0;

/** What db-mysql-1 is told when it leads next, lacks a transaction, and that instance holds it. */
async function drained(more: Pick<Plan, 'insists'>, via?: string): Promise<readonly string[]> {
  const statements: string[] = [];
  const session = new StatementLog({} as Observation, (text) => void statements.push(text));
  const view = { executed: GtidSet.parse(`${uuid}:1-9`), readOnly: true, replication: { applier: 'ON' } };
  const watch = {
    admin: () => Promise.resolve(session),
    observeNow: () => Promise.resolve(view),
    look: () => undefined,
    lastView: view,
  };
  const candidate = { name: 'db-mysql-1', watch } as unknown as PlanMember;
  const context = {
    record: { current: {} },
    credentials: { replication: account },
    clock: systemClock,
    logger: createLogger({ service: 'test', level: 'fatal' }),
    member: (name: string) => (name === source.name ? source : candidate),
  } as unknown as PlanContext;
  const previousAckSet = { members: [], k: 0 };
  const plan: Plan = {
    kind: 'failover',
    from: 'db-mysql-0',
    to: candidate.name,
    reason: 'a test',
    previousAckSet,
    steps: [],
    ...more,
  };
  const run = new PlanRun(plan, context);
  run.mustApply = GtidSet.parse(`${uuid}:1-10`);
  run.via = via;
  await drain(run, drainMs);
  return statements.flatMap((text) => /WAIT_FOR_EXECUTED_GTID_SET\(.*, (\d+)\)/.exec(text)?.[1] ?? []);
}

test.each<[string, Pick<Plan, 'insists'>, string | undefined, string]>([
  [
    'one that was ordered to lead has ten seconds to get what another holds: that one could lead at once',
    { insists: true },
    source.name,
    '10',
  ],
  ['one that was ordered to lead and only has to apply has as long as any', { insists: true }, undefined, '599'],
  ['the only one that may lead has all the time it takes to get what another holds', {}, source.name, '599'],
])('%s', async (_what, more, via, seconds) => {
  expect(await drained(more, via)).toEqual([seconds]);
});
