import { decide } from '@pilotfish/topology';
import { planOrder } from '../act/order.ts';
import { decisionText, type JournalEntry, type JournaledDecision, journaled } from '../journal/journal-entry.ts';

export interface Difference {
  readonly at: string;
  readonly key: string;
  readonly epoch: number;
  readonly journaled: JournaledDecision;
  readonly today: JournaledDecision;
}

/** Takes each decision again, with the code as it is now, and tells where it comes out otherwise. */
export function replay(entries: readonly JournalEntry[]): readonly Difference[] {
  return entries.flatMap((entry) => {
    const { at, key, epoch, decision, ended } = entry;
    // Its snapshot is of what the plan left behind.
    if (ended) return [];
    const today = takeAgain(entry);
    return decisionText(today) === decisionText(decision) ? [] : [{ at, key, epoch, journaled: decision, today }];
  });
}

function takeAgain({ at, snapshot, decision, order }: JournalEntry): JournaledDecision {
  if (!order) return journaled(decide(snapshot));
  const planned = planOrder({ id: '', ...order }, snapshot, Date.parse(at));
  const { state } = decision;
  if ('plan' in planned) return journaled({ state, plan: planned.plan });
  const { reason, message } = planned.refused;
  return { state, hold: { reason }, because: message };
}

/** One line for each side. */
export function describeDifference({ at, key, epoch, journaled: then, today }: Difference): string {
  return `${at} ${key} epoch ${String(epoch)}\n  then ${inWords(then)}\n  now  ${inWords(today)}`;
}

function inWords({ state, plan, hold, abandon, because }: JournaledDecision): string {
  const what = plan
    ? `${plan.kind} to ${plan.to} (${plan.steps.join(', ')})`
    : hold
      ? `hold ${hold.reason}`
      : abandon === undefined
        ? 'nothing to do'
        : `drops ${abandon}`;
  return `${state}: ${what}${because === undefined ? '' : `; ${because}`}`;
}
