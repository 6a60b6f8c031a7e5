import { type ConditionReason, makeCondition } from '@pilotfish/api';
import type { Problem } from '../model/problem.ts';
import type { Readiness } from '../plan/assess-readiness.ts';
import type { OwnStatus, PreviousStatus } from './status-writer.ts';

export interface StatusInput {
  readonly generation: number;
  readonly readiness: Readiness;
  readonly problems: readonly Problem[];
  readonly remarks: readonly string[];
  readonly previous: PreviousStatus;
  readonly now: Date;
}

/** The status, from how the cluster does and what is wrong with its configuration. The gravest problem gives the reason. */
export function composeStatus({ generation, readiness, problems, remarks, previous, now }: StatusInput): OwnStatus {
  const grave = problems.toSorted((a, b) => weights[b.blocks] - weights[a.blocks]);
  const reason: ConditionReason<'ConfigurationValid'> = grave[0]?.reason ?? 'ConfigurationAccepted';
  const sentences = grave.length > 0 ? grave.map((problem) => problem.message) : ['The spec is in force.', ...remarks];
  return {
    observedGeneration: generation,
    readyNodes: readiness.readyNodes,
    phase: readiness.phase,
    conditions: [
      makeCondition('Ready', readiness.reason, readiness.message, now, previous.conditions),
      makeCondition('ConfigurationValid', reason, [...new Set(sentences)].join(' '), now, previous.conditions),
    ],
  };
}

const weights: Readonly<Record<Problem['blocks'], number>> = { everything: 2, 'stateful-set': 1, nothing: 0 };
