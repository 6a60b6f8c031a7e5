import type { Clock } from '@pilotfish/service';

/** How long an own write counts for more than the cache, in milliseconds: the watch brings it back long before. */
export const recentMs = 2_000;

/** What was just written and may not have come back through the watch, so that nothing is written twice. */
export class RecentWrites<Value> {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #writes = new Map<string, { readonly value: Value; readonly untilMs: number }>();

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
  }

  set(key: string, value: Value): void {
    for (const [old, { untilMs }] of this.#writes) if (this.#clock.nowMs() >= untilMs) this.#writes.delete(old);
    this.#writes.set(key, { value, untilMs: this.#clock.nowMs() + recentMs });
  }

  get(key: string): Value | undefined {
    const write = this.#writes.get(key);
    return write !== undefined && this.#clock.nowMs() < write.untilMs ? write.value : undefined;
  }

  delete(key: string): void {
    this.#writes.delete(key);
  }
}
