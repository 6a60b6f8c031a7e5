import type { AppendFindings } from '../analysis/appends.ts';
import type { Losses } from '../analysis/losses.ts';
import type { OutageSplit } from '../analysis/outage-split.ts';

/** The figures of a scenario, in the form that is written as JSON. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly ok: boolean;
  readonly acknowledged: number;
  /** Acknowledged writes that the final primary does not have. */
  readonly lost: number;
  readonly twoWritableMs: number;
  /** One figure for each fault or hand-over, ms. */
  readonly outageMs: readonly number[];
  /** The longest time from a fault to full redundancy, ms; null when the scenario has no such time. */
  readonly redundancyMs: number | null;
  /** Appends to lists that were acknowledged; and appends lost or duplicated, and readings of a history that did not stay. */
  readonly appended: number;
  readonly appendFaults: number;
  /** How outages that ended with another primary are made up, one for each that could be split. */
  readonly splits: readonly OutageSplit[];
  /** What came of the faults, in words, each once. */
  readonly outcome: readonly string[];
  readonly error: string | null;
}

/** What a scenario has found so far: it survives a failure half-way, so that the figures up to there are reported all the same. */
export class Findings {
  #acknowledged = 0;
  #lost = 0;
  #twoWritableMs = 0;
  readonly #outageMs: number[] = [];
  #redundancyMs: number | null = null;
  #appended = 0;
  #appendFaults = 0;
  readonly #splits: OutageSplit[] = [];
  readonly #outcome = new Set<string>();
  readonly #complaints: string[] = [];

  addWrites(losses: Losses, twoWritableMs: number): void {
    this.#acknowledged += losses.acknowledged;
    this.#lost += losses.lost.length;
    this.#twoWritableMs += twoWritableMs;
    if (losses.lost.length > 0) {
      this.complain(
        `${losses.lost.length} acknowledged writes are lost: ${losses.lost.slice(0, 5).join(', ')}${losses.lost.length > 5 ? ' …' : ''}`,
      );
    }
    if (twoWritableMs > 0) this.complain(`two servers acknowledged writes for ${twoWritableMs} ms`);
  }

  addAppends({ acknowledged, lost, duplicated, forked }: AppendFindings): void {
    this.#appended += acknowledged;
    this.#appendFaults += lost.length + duplicated.length + forked.length;
    this.expect(lost.length === 0, `${lost.length} acknowledged appends are lost: ${lost.slice(0, 5).join(', ')}`);
    this.expect(
      duplicated.length === 0,
      `${duplicated.length} appends are there twice: ${duplicated.slice(0, 5).join(', ')}`,
    );
    this.expect(forked.length === 0, `${forked.length} readings saw a history that did not stay`);
  }

  addSplit(split: OutageSplit): void {
    this.#splits.push(split);
  }

  addOutcome(words: string): void {
    this.#outcome.add(words);
  }

  addOutage(ms: number): void {
    this.#outageMs.push(Math.round(ms));
    if (!Number.isFinite(ms)) this.complain('writes did not come back');
  }

  addRedundancy(ms: number): void {
    this.#redundancyMs = Math.max(this.#redundancyMs ?? 0, Math.round(ms));
  }

  /** Something is wrong, but the scenario can go on and find more. */
  complain(message: string): void {
    this.#complaints.push(message);
  }

  expect(condition: boolean, complaint: string): void {
    if (!condition) this.complain(complaint);
  }

  result(scenario: string, failure: string | undefined): ScenarioResult {
    const errors = failure === undefined ? this.#complaints : [...this.#complaints, failure];
    return {
      scenario,
      ok: errors.length === 0,
      acknowledged: this.#acknowledged,
      lost: this.#lost,
      twoWritableMs: this.#twoWritableMs,
      outageMs: this.#outageMs,
      redundancyMs: this.#redundancyMs,
      appended: this.#appended,
      appendFaults: this.#appendFaults,
      splits: this.#splits,
      outcome: [...this.#outcome],
      error: errors.length === 0 ? null : errors.join('; '),
    };
  }
}
