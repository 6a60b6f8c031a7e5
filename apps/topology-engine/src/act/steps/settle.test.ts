import { expect, test } from '@jest/globals';
import { createLogger } from '@pilotfish/service';
import { ManualClock } from '@pilotfish/testkit';
import { failoverSteps, type InstanceEvidence, type Plan, type Snapshot } from '@pilotfish/topology';
import { TopologyRecord } from '../../record/topology-record.ts';
import { MemoryStore } from '../../testing/memory-store.ts';
import { PaperCluster } from '../../testing/paper-cluster.ts';
import type { PlanMember } from '../plan-member.ts';
import { type PlanContext, PlanRun } from '../plan-run.ts';
import { settle } from './promotion.ts';

const settleMs = failoverSteps.find((step) => step.do === 'settle')?.deadlineMs ?? 0;

/** A failover to db-mysql-0 comes to its end; the receiver of db-mysql-1 connects so late. @returns when it ended, and what it recorded of db-mysql-1 */
async function settled(receiverConnectsMs: number) {
  const paper = await PaperCluster.start();
  const { snapshot, topology } = paper.look();
  const clock = new ManualClock();
  const store = new MemoryStore();
  const operation = { id: 'failover-2', kind: 'failover' as const, from: 'db-mysql-2', to: 'db-mysql-0' };
  const more = {
    phase: 'switching' as const,
    startedAt: clock.wall().toISOString(),
    reason: 'a test',
    engine: 'engine-0',
  };
  store.topology = { ...topology, operation: { ...operation, ...more, previousAckSet: { members: [], k: 0 } } };
  const context = {
    record: await TopologyRecord.open(store, 'test/db'),
    announce: { event: () => undefined },
    clock,
    logger: createLogger({ service: 'test', level: 'fatal' }),
    snapshot: (): Snapshot =>
      clock.nowMs() < receiverConnectsMs
        ? { ...snapshot, instances: snapshot.instances.map((one) => (one.ordinal === 1 ? connecting(one) : one)) }
        : snapshot,
    member: () => ({ watch: { look: () => undefined } }) as unknown as PlanMember,
  } as unknown as PlanContext;
  const plan: Plan = { ...operation, reason: 'a test', previousAckSet: { members: [], k: 0 }, steps: [] };
  let endedMs: number | undefined;
  const ending = settle(new PlanRun(plan, context), settleMs).then(() => {
    endedMs = clock.nowMs();
  });
  await clock.advance(settleMs);
  await ending;
  const attached = store.topology.instances.find(({ name }) => name === 'db-mysql-1')?.attached;
  return { endedMs, attached, operation: store.topology.operation };
}

function connecting(instance: InstanceEvidence): InstanceEvidence {
  const { contact } = instance;
  if (contact.kind !== 'observed' || !contact.view.replication) throw new Error(`${instance.name} is no replica`);
  const replication = { ...contact.view.replication, receiver: 'CONNECTING' as const };
  return { ...instance, contact: { ...contact, view: { ...contact.view, replication } } };
}

test.each<[string, number, { endedMs: number; attached: boolean }]>([
  ['at once when the ack set is attached', 0, { endedMs: 0, attached: true }],
  ['when its last member is, so that readers need not leave it', 190, { endedMs: 200, attached: true }],
  ['after a second without it', 60_000, { endedMs: 1_000, attached: false }],
])('an operation ends %s', async (_when, receiverConnectsMs, expected) => {
  expect(await settled(receiverConnectsMs)).toEqual({ ...expected, operation: undefined });
});
