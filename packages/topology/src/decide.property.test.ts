import { describe, expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import fc from 'fast-check';
import { decide } from './decide.ts';
import { membersToSee } from './quorum.ts';
import { heldBy, type InstanceEvidence, viewOf } from './snapshot.ts';
import { gtids, instance, lostSource, nameOf, observed, refused, scene, silent, view } from './testing/scene.ts';

const runs = { numRuns: 3_000 };

/** A history: how many replicas, k, where each acknowledged commit is, who answers after the primary's death. */
const history = fc.integer({ min: 1, max: 6 }).chain((replicas) =>
  fc.integer({ min: 1, max: replicas }).chain((k) =>
    fc.record({
      replicas: fc.constant(replicas),
      k: fc.constant(k),
      // Receivers get a source's commits in order: what a replica holds is a prefix of them.
      prefixes: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: replicas, maxLength: replicas }),
      answers: fc.array(fc.boolean(), { minLength: replicas, maxLength: replicas }),
      leaving: fc.array(fc.boolean(), { minLength: replicas, maxLength: replicas }),
      firstAlive: fc.boolean(),
    }),
  ),
);

function afterTheDeath({
  replicas,
  k,
  prefixes,
  answers,
  leaving,
}: typeof history extends fc.Arbitrary<infer Past> ? Past : never) {
  const members = prefixes.map((_, index) => nameOf(index + 1));
  // The commit with number n was acknowledged if at least k replicas hold it.
  const acknowledged = [...prefixes].sort((a, b) => b - a)[k - 1] ?? 0;
  const instances: InstanceEvidence[] = [instance(0, refused)];
  prefixes.forEach((prefix, index) => {
    const held = gtids(`a:1-${10 + prefix}`);
    const contact = answers[index] ? observed(lostSource(index + 1, { received: held })) : silent(5_000);
    instances.push(instance(index + 1, contact, { leaving: leaving[index] ?? false }));
  });
  const snapshot = scene(instances, { wantedReplicas: replicas + 1, recorded: { ackSet: { members, k } } });
  return { snapshot, acknowledged: gtids(`a:1-${10 + acknowledged}`), members };
}

describe('whatever single history', () => {
  test('a failover promotes only an instance that holds every acknowledged commit', () => {
    fc.assert(
      fc.property(history, (past) => {
        const { snapshot, acknowledged } = afterTheDeath(past);
        const { plan } = decide(snapshot);
        fc.pre(plan !== undefined);
        const chosen = viewOf(snapshot.instances.find(({ name }) => name === plan.to));
        expect(chosen === undefined ? false : heldBy(chosen).contains(acknowledged)).toBe(true);
      }),
      runs,
    );
  });

  test('with enough of the ack set answering there is a failover, with fewer a hold that says so', () => {
    fc.assert(
      fc.property(history, (past) => {
        const { snapshot, members } = afterTheDeath(past);
        const answering = past.answers.filter(Boolean).length;
        const decision = decide(snapshot);
        if (answering >= membersToSee({ members, k: past.k })) expect(decision.plan?.kind).toBe('failover');
        else expect(decision.hold?.message).not.toBe('');
      }),
      runs,
    );
  });

  test('the members that a failover does not see are too few to acknowledge for the old primary', () => {
    fc.assert(
      fc.property(history, ({ replicas, k }) => {
        const members = Array.from({ length: replicas }, (_, index) => nameOf(index + 1));
        expect(replicas - membersToSee({ members, k })).toBeLessThan(k);
      }),
      runs,
    );
  });

  test('a blank instance never leads a cluster that has had data', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }), (blank) => {
        const others = blank.map((isBlank, index) =>
          instance(index + 1, observed(isBlank ? view(index + 1, { executed: GtidSet.empty }) : lostSource(index + 1))),
        );
        const members = others.map(({ name }) => name);
        const { plan } = decide(scene([instance(0, refused), ...others], { recorded: { ackSet: { members, k: 1 } } }));
        const chosen = viewOf(others.find(({ name }) => name === plan?.to));
        expect(chosen?.executed.isEmpty() ?? false).toBe(false);
      }),
      runs,
    );
  });
});
