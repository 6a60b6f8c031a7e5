import { describe, expect, test } from '@jest/globals';
import type { TopologyStatus } from '@pilotfish/api';
import fc from 'fast-check';
import { podFacts, topology } from '../testing/fixtures.ts';
import { planRoll, type RollInput } from './plan-roll.ts';
import type { PodFacts } from './pod-facts.ts';

const nowMs = 1_000_000;

const anyPod = (ordinal: number): fc.Arbitrary<PodFacts> =>
  fc
    .record({
      revision: fc.constantFrom('old', 'new'),
      ready: fc.boolean(),
      terminating: fc.boolean(),
      readinessSinceMs: fc.constantFrom(0, nowMs - 1_000, nowMs),
      broken: fc.boolean(),
    })
    .map(({ broken, ...facts }) =>
      podFacts(ordinal, {
        ...facts,
        ready: facts.ready && !facts.terminating,
        faults: broken && !facts.ready ? [{ reason: 'InstanceFailing', message: 'broken' }] : [],
      }),
    );

const anyTopology = (replicas: number): fc.Arbitrary<TopologyStatus | undefined> =>
  fc.option(
    fc
      .record({
        primary: fc.nat({ max: replicas - 1 }),
        writable: fc.boolean(),
        states: fc.array(fc.record({ attached: fc.boolean(), caughtUp: fc.boolean(), serving: fc.boolean() }), {
          minLength: replicas,
          maxLength: replicas,
        }),
      })
      .map(({ primary, writable, states }) => {
        const healthy = topology(primary, replicas, { writable });
        return { ...healthy, instances: healthy.instances.map((one, index) => ({ ...one, ...states[index] })) };
      }),
    { nil: undefined },
  );

const anyInput: fc.Arbitrary<RollInput> = fc.integer({ min: 1, max: 6 }).chain((replicas) =>
  fc.record({
    replicas: fc.constant(replicas),
    updateRevision: fc.constant('new'),
    pods: fc
      .tuple(
        ...Array.from({ length: replicas }, (_, ordinal) => fc.option(anyPod(ordinal), { nil: undefined, freq: 8 })),
      )
      .map((pods) => pods.filter((pod) => pod !== undefined)),
    topology: anyTopology(replicas),
    underWay: fc.boolean(),
    readOnly: fc.boolean(),
    nowMs: fc.constant(nowMs),
  }),
);

const deletion = (input: RollInput): PodFacts | undefined => {
  const plan = planRoll(input);
  return plan.kind === 'delete' ? plan.pod : undefined;
};

const holds = (property: (input: RollInput, deleted: PodFacts) => boolean): void => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const deleted = deletion(input);
      return deleted === undefined || property(input, deleted);
    }),
    { numRuns: 5_000 },
  );
};

describe('planRoll never', () => {
  test('deletes a pod of the current revision', () => {
    holds((_input, { revision }) => revision === 'old');
  });

  test('deletes a second pod while one is on its way out, away or starting', () => {
    holds(({ pods, replicas }, deleted) => {
      const others = pods.filter((pod) => pod !== deleted);
      const starting = others.some(
        ({ ready, faults, readinessSinceMs }) => !ready && faults.length === 0 && nowMs - readinessSinceMs < 30_000,
      );
      return pods.length === replicas && !starting && others.every((pod) => !pod.terminating);
    });
  });

  test('deletes the primary while a replica is outdated', () => {
    holds(({ pods, topology: state }, deleted) => {
      if (deleted.name !== state?.primary) return true;
      return pods.every((pod) => pod === deleted || pod.revision === 'new');
    });
  });

  test('deletes a Ready pod unless every other one is Ready', () => {
    holds(({ pods, replicas }, deleted) => {
      return !deleted.ready || (pods.length === replicas && pods.every((pod) => pod.ready));
    });
  });

  test('deletes a Ready primary of several unless a replica has all its data', () => {
    holds(({ topology: state, replicas }, deleted) => {
      if (!deleted.ready || deleted.name !== state?.primary || replicas === 1) return true;
      const others = state.instances.filter((one) => one.name !== deleted.name);
      return others.length > 0 && others.every((one) => one.serving && one.attached && one.caughtUp);
    });
  });
});

test('a roll of a healthy cluster ends with every pod current, the primary last, one pod away at a time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.nat({ max: 6 }), (replicas, seed) => {
      const primary = seed % replicas;
      let pods = Array.from({ length: replicas }, (_, ordinal) => podFacts(ordinal, { revision: 'old' }));
      const order: number[] = [];
      for (let step = 0; step < replicas; step += 1) {
        const deleted = deletion({
          replicas,
          updateRevision: 'new',
          pods,
          topology: topology(primary, replicas),
          underWay: true,
          readOnly: false,
          nowMs,
        });
        if (deleted === undefined) return false;
        order.push(deleted.ordinal);
        pods = pods.map((pod) => (pod.ordinal === deleted.ordinal ? podFacts(pod.ordinal) : pod));
      }
      expect(order.at(-1)).toBe(primary);
      return new Set(order).size === replicas;
    }),
  );
});
