import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextAckStep } from './ack-step.ts';
import { clusterStates } from './cluster-state.ts';
import { decide } from './decide.ts';
import { proveFence } from './fence-proof.ts';
import { holdReasons } from './hold.ts';
import { describeInstances } from './instance-state.ts';
import { membersToSee } from './quorum.ts';
import { planRepairs } from './repair.ts';
import { heldBy, type InstanceView, instanceNamed, type Snapshot, viewOf } from './snapshot.ts';
import { anySnapshot } from './testing/any-snapshot.ts';

const runs = { numRuns: 4_000 };

const answering = (snapshot: Snapshot) => snapshot.instances.filter((one) => viewOf(one));

describe('whatever is seen', () => {
  test('there is a state, and what is held has a name, a predicate and what lifts it', () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        const { state, hold, plan } = decide(snapshot);
        expect(clusterStates).toContain(state);
        expect(plan && hold).toBeUndefined();
        if (!hold) return;
        expect(holdReasons).toContain(hold.reason);
        expect(hold.message).not.toBe('');
        expect(hold.lifts).not.toBe('');
        if (hold.next) expect(hold.next.afterMs).toBeGreaterThanOrEqual(0);
      }),
      runs,
    );
  });

  test('repairs, steps of the ack set and descriptions are made of it, and none is about an impostor', () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        const strangers = snapshot.instances
          .filter(({ contact }) => contact.kind === 'impostor')
          .map(({ name }) => name);
        for (const repair of planRepairs(snapshot)) {
          expect(strangers).not.toContain(repair.instance);
          if (repair.do === 'clone') expect(strangers).not.toContain(repair.donor);
        }
        const step = nextAckStep(snapshot);
        if (step?.do === 'add-member' || step?.do === 'enable-member') expect(strangers).not.toContain(step.instance);
        expect(describeInstances(snapshot)).toHaveLength(snapshot.instances.length);
      }),
      runs,
    );
  });

  test('whoever a plan promotes answers as itself, has data, and holds what all others hold, or can get it from one that does', () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        const { plan } = decide(snapshot);
        if (plan?.kind !== 'failover' || !plan.steps.some((step) => step.do === 'choose')) return;
        const chosen = viewOf(instanceNamed(snapshot, plan.to));
        expect(chosen?.executed.isEmpty()).toBe(false);
        const others = answering(snapshot).filter(
          (one) => one.name !== plan.from && one.agent?.provisioning !== 'cloning',
        );
        const views = others.flatMap((one) => viewOf(one) ?? []);
        const holdsAll = (view: InstanceView): boolean => views.every((other) => heldBy(view).contains(heldBy(other)));
        const canSend = others.filter((one) => (viewOf(one)?.replication?.applierErrno ?? 0) === 0);
        const sources = canSend.flatMap((one) => viewOf(one) ?? []).filter(holdsAll);
        expect(chosen !== undefined && (holdsAll(chosen) || sources.length > 0)).toBe(true);
      }),
      runs,
    );
  });

  test('no plan to fail over without enough of the ack set, or a fence where nobody acknowledged', () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        const { plan, state } = decide(snapshot);
        if (plan?.kind !== 'failover' || state === 'OperationInterrupted') return;
        const { members, k } = snapshot.recorded.ackSet;
        if (plan.safeBy === 'fence') {
          expect(snapshot.policy.mode).toBe('async');
          const proof = proveFence(snapshot, instanceNamed(snapshot, plan.from)).kind;
          expect(proof === 'proven' || plan.steps.some((step) => step.do === 'prove-fence')).toBe(true);
        } else {
          const seen = answering(snapshot).filter(({ name }) => name !== plan.from && members.includes(name));
          expect(seen.length).toBeGreaterThanOrEqual(membersToSee({ members, k }));
        }
      }),
      runs,
    );
  });

  test('a primary that answers is not failed over from without a reason that it gives itself', () => {
    const reasons = ['PrimaryEmptied', 'PrimaryClosed', 'PrimaryIoStopped', 'AcksStalled', 'OperationInterrupted'];
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        const { plan, state } = decide(snapshot);
        if (plan?.kind === 'failover' && viewOf(instanceNamed(snapshot, snapshot.recorded.primary))) {
          expect(reasons).toContain(state);
        }
      }),
      runs,
    );
  });
});
