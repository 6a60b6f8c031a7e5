import type { Decision, Snapshot } from '@pilotfish/topology';
import type { Announcer } from '../record/announcer.ts';
import { decisionEvent } from './decision-event.ts';
import type { Journal } from './journal.ts';
import { decisionText, type JournalEntry, type JournaledOrder, journaled } from './journal-entry.ts';

export interface DecisionLogOptions {
  readonly journal: Journal;
  readonly announce: Announcer;
  readonly key: string;
  readonly engine: string;
  readonly wall: () => Date;
}

/** One cluster's decisions on their way into the journal: those that differ from the one before, and how plans ended. */
export class DecisionLog {
  readonly #options: DecisionLogOptions;
  #last = '';

  constructor(options: DecisionLogOptions) {
    this.#options = options;
  }

  decided(snapshot: Snapshot, decision: Decision): void {
    const text = decisionText(journaled(decision));
    if (text === this.#last) return;
    this.#last = text;
    this.#record(snapshot, decision, {});
  }

  /** How an order is carried out. */
  ordered(snapshot: Snapshot, decision: Decision, order: JournaledOrder): void {
    this.#record(snapshot, decision, { order: journaledOrder(order) });
  }

  /** The same decision taken again after this is a new one. `order`: the plan was ordered. */
  ended(
    snapshot: Snapshot,
    decision: Decision,
    outcome: { ok: boolean; reason?: string },
    order?: JournaledOrder,
  ): void {
    this.#last = '';
    this.#record(snapshot, decision, { ended: outcome, ...(order && { order: journaledOrder(order) }) });
  }

  #record(snapshot: Snapshot, decision: Decision, more: Pick<JournalEntry, 'ended' | 'order'>): void {
    const { journal, announce, key, engine, wall } = this.#options;
    const at = wall().toISOString();
    const { epoch } = snapshot.recorded;
    const entry = { at, key, engine, epoch, snapshot, decision: journaled(decision), ...more };
    journal.record(entry);
    announce.event('decision-made', decisionEvent(entry));
  }
}

const journaledOrder = ({ operation, params, by, reason }: JournaledOrder): JournaledOrder => ({
  operation,
  params,
  by,
  reason,
});
