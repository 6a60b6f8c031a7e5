import { nextAckStep } from '../ack-step.ts';
import { chooseCandidate } from '../candidate.ts';
import { decide } from '../decide.ts';
import { mayHandBack } from '../hand-back.ts';
import { membersToSee, witnessesOf } from '../quorum.ts';
import { planRepairs } from '../repair.ts';

/**
 * What is explored: the decisions themselves, and what the model's steps have to get right as the engine's do. A planted bug
 * is a subject that differs from the real one in one thing.
 */
export interface Subject {
  readonly decide: typeof decide;
  readonly nextAckStep: typeof nextAckStep;
  readonly planRepairs: typeof planRepairs;
  readonly chooseCandidate: typeof chooseCandidate;
  readonly mayHandBack: typeof mayHandBack;
  readonly membersToSee: typeof membersToSee;
  readonly witnessesOf: typeof witnessesOf;
  /** The fence: receivers are stopped before anybody is chosen; otherwise they are only looked at. */
  readonly stopsReceivers: boolean;
  /** The candidate applies all that it holds before it opens. */
  readonly drains: boolean;
  /** Members are recorded before they acknowledge, and k is lowered in the record first. */
  readonly recordsFirst: boolean;
  /** An engine writes into the record that it owns the cluster before it does anything, and loses it to the next that does. */
  readonly claims: boolean;
  /** It ends the sessions of other engines on a server before it looks at it. */
  readonly endsSessions: boolean;
  /** What runs beside the loop ends before the first step of a plan. */
  readonly endsTasks: boolean;
}

export const today: Subject = {
  decide,
  nextAckStep,
  planRepairs,
  chooseCandidate,
  mayHandBack,
  membersToSee,
  witnessesOf,
  stopsReceivers: true,
  drains: true,
  recordsFirst: true,
  claims: true,
  endsSessions: true,
  endsTasks: true,
};
