import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AckStep, nextAckStep } from './ack-step.ts';
import { defaultPolicy } from './policy.ts';
import { type InstanceEvidence, type InstanceView, type Snapshot, viewOf } from './snapshot.ts';
import { instance, nameOf, observed, primary, refused, replica, scene } from './testing/scene.ts';
import { timing } from './timing.ts';

/** More than any way takes: five members and two acknowledgements, each changed once. */
const longestWay = 20;

const either = fc.boolean();

/** A cluster of five places in the middle of any change of its size, with any of its replicas away. */
const cluster: fc.Arbitrary<Snapshot> = fc
  .record({
    replicas: fc.tuple(...[1, 2, 3, 4].map(anyReplica)),
    wantedReplicas: fc.integer({ min: 1, max: 5 }),
    durability: fc.constantFrom('preferred' as const, 'required' as const),
    ackZones: fc.constantFrom('any' as const, 'other' as const),
    members: fc.subarray([1, 2, 3, 4].map(nameOf)),
    k: fc.integer({ min: 0, max: 2 }),
    inForce: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ replicas, wantedReplicas, durability, ackZones, members, k, inForce: waitFor }) =>
    scene(
      [
        instance(0, observed(primary({ ...inForce(waitFor) })), { zone: 'a' }),
        ...replicas.map((one) => ({ ...one, leaving: one.leaving || one.ordinal >= wantedReplicas })),
      ],
      { wantedReplicas, durability, policy: { ...defaultPolicy, ackZones }, recorded: { ackSet: { members, k } } },
    ),
  );

function anyReplica(index: number): fc.Arbitrary<InstanceEvidence> {
  return fc
    .record({
      answers: either,
      semiSyncReplica: either,
      leaving: fc.constantFrom(false, false, true),
      zone: fc.constantFrom('a', 'b'),
      podExists: either,
      detachedMs: fc.constantFrom(50, timing.memberGoneMs + 1, timing.receiverGivesUpMs + 1),
    })
    .map(({ answers, semiSyncReplica, leaving, zone, ...away }) =>
      answers
        ? instance(index, observed(replica(index, { semiSyncReplica })), { leaving, zone })
        : instance(index, refused, { leaving, zone, ...away }),
    );
}

function withView(instance: InstanceEvidence, change: Partial<InstanceView>): InstanceEvidence {
  const view = viewOf(instance);
  return view ? { ...instance, contact: { kind: 'observed', view: { ...view, ...change }, ageMs: 10 } } : instance;
}

/** What is seen when the step has been taken, and commits go on. */
function taken(snapshot: Snapshot, step: AckStep): Snapshot {
  const { recorded } = snapshot;
  const { members, k } = recorded.ackSet;
  const change = (name: string, view: Partial<InstanceView>, ackSet: Partial<typeof recorded.ackSet>): Snapshot => ({
    ...snapshot,
    acks: { shortMs: 0, stalledMs: 0 },
    recorded: { ...recorded, ackSet: { ...recorded.ackSet, ...ackSet } },
    instances: snapshot.instances.map((instance) => (instance.name === name ? withView(instance, view) : instance)),
  });
  switch (step.do) {
    case 'add-member':
      return change(step.instance, { semiSyncReplica: true }, { members: [...members, step.instance].sort() });
    case 'enable-member':
      return change(step.instance, { semiSyncReplica: true }, {});
    case 'silence-stranger':
      return change(step.instance, { semiSyncReplica: false }, {});
    case 'raise-k':
    case 'lower-k':
      return change(recorded.primary, inForce(step.k), { k: step.k });
    case 'enforce-k':
      return change(recorded.primary, inForce(k), {});
    case 'remove-member':
      return change(
        step.instance,
        { semiSyncReplica: false },
        { members: members.filter((one) => one !== step.instance) },
      );
    default:
      return step satisfies never;
  }
}

const inForce = (k: number): Partial<InstanceView> => ({ semiSyncSource: k > 0, ...(k > 0 && { semiSyncWaitFor: k }) });

test('the steps of an ack set come to an end, whatever is seen: none takes back what another has done', () => {
  fc.assert(
    fc.property(cluster, (start) => {
      let snapshot = start;
      const way: AckStep[] = [];
      for (;;) {
        const step = nextAckStep(snapshot);
        if (!step) return;
        way.push(step);
        if (way.length > longestWay) expect(way.slice(-6)).toEqual([]);
        snapshot = taken(snapshot, step);
      }
    }),
    { numRuns: 5_000 },
  );
});
