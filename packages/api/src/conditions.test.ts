import { describe, expect, test } from '@jest/globals';
import { conditionTypes, conditionVocabulary, makeCondition, sameCondition } from './conditions.ts';

const t0 = new Date('2026-01-01T00:00:00.123Z');
const t1 = new Date('2026-01-01T00:01:00.000Z');

describe('conditions', () => {
  test('a reason decides the status', () => {
    expect(makeCondition('Ready', 'NoMaster', 'm', t0)).toEqual({
      type: 'Ready',
      status: 'False',
      reason: 'NoMaster',
      message: 'm',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    });
  });

  test('the time moves with the status, not with the reason', () => {
    const before = makeCondition('Ready', 'NoMaster', 'm', t0);
    const same = makeCondition('Ready', 'StatefulSetNotReady', 'n', t1, [before]);
    expect(same.lastTransitionTime).toBe(before.lastTransitionTime);
    expect(makeCondition('Ready', 'ClusterReady', '', t1, [before]).lastTransitionTime).toBe('2026-01-01T00:01:00Z');
    expect(sameCondition(before, same)).toBe(false);
    expect(sameCondition(before, { ...before, lastTransitionTime: 'later' })).toBe(true);
  });

  test('keeps every reason that users of the old operator match on', () => {
    const reasons = conditionTypes.flatMap((type) => Object.keys(conditionVocabulary[type].reasons));
    expect(reasons).toEqual(
      expect.arrayContaining([
        'StatefulSetNotReady',
        'NotReplicating',
        'NoMaster',
        'ClusterReady',
        'PendingFailoverAckExists',
        'NoPendingFailoverAckExists',
        'ClusterReadOnlyTrue',
        'ClusterReadOnlyFalse',
        'OrcFailoverInProgress',
        'ClusterMasterHealthy',
        'ClusterNotRunning',
      ]),
    );
  });

  test('every reason is a word Kubernetes accepts, and one that is not good says what to do', () => {
    for (const type of conditionTypes) {
      for (const [reason, { meaning }] of Object.entries(conditionVocabulary[type].reasons)) {
        expect(reason).toMatch(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/);
        expect(meaning).toMatch(/\.$/);
      }
    }
    for (const type of ['Ready', 'ConfigurationValid', 'Durable'] as const) {
      for (const { status, remedy } of Object.values(conditionVocabulary[type].reasons)) {
        expect([status, remedy !== '']).toEqual([status, status === 'False']);
      }
    }
  });
});
