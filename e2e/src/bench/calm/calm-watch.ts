import { z } from 'zod';

/** What the engine logs of each look at the cluster, at level debug. */
const look = z.object({
  time: z.string(),
  msg: z.literal('looked'),
  witnesses: z.number(),
  silences: z.array(z.object({ observer: z.string(), silentMs: z.number(), limitMs: z.number() })),
});

/** What the journal has of each decision that differs from the one before. */
const decision = z.object({
  at: z.string(),
  decision: z.object({
    state: z.string(),
    plan: z.object({ kind: z.string() }).optional(),
    hold: z.object({ reason: z.string() }).optional(),
  }),
  ended: z.unknown().optional(),
});

export interface LongestSilence {
  readonly observer: string;
  readonly longestMs: number;
  readonly limitMs: number;
}

/** Another state than a healthy primary: how often, and for how long at most. */
export interface Doubt {
  readonly state: string;
  readonly hold: string;
  readonly times: number;
  readonly longestMs: number;
}

/** How near the looks of the engine came to a dead primary: fed with its log again and again, of which only the end is kept. */
export class ClosenessWatch {
  readonly #longest = new Map<string, LongestSilence>();
  #sinceMs: number;
  #witnesses = 0;
  #stalls = new Set<string>();

  constructor(sinceMs: number) {
    this.#sinceMs = sinceMs;
  }

  /** Lines that were read before are counted once more, which changes no maximum. */
  read(log: string): void {
    for (const line of log.split('\n')) {
      if (line.includes('this process stood still"')) this.#noteStall(line);
      if (!line.includes('"looked"')) continue;
      const parsed = look.safeParse(JSON.parse(line)).data;
      if (parsed && Date.parse(parsed.time) >= this.#sinceMs) this.#note(parsed);
    }
  }

  get silences(): readonly LongestSilence[] {
    return [...this.#longest.values()].sort((a, b) => a.observer.localeCompare(b.observer));
  }

  /** Against the primary at one time, at most. */
  get witnesses(): number {
    return this.#witnesses;
  }

  /** Times that the engine noticed that it had stood still itself. */
  get stalls(): number {
    return this.#stalls.size;
  }

  #note({ witnesses, silences }: z.infer<typeof look>): void {
    this.#witnesses = Math.max(this.#witnesses, witnesses);
    for (const { observer, silentMs, limitMs } of silences) {
      const longestMs = Math.max(silentMs, this.#longest.get(observer)?.longestMs ?? 0);
      this.#longest.set(observer, { observer, longestMs, limitMs });
    }
  }

  #noteStall(line: string): void {
    const { time } = z.object({ time: z.string() }).parse(JSON.parse(line));
    if (Date.parse(time) >= this.#sinceMs) this.#stalls.add(time);
  }
}

/** Plans that were begun in that time, by kind. */
export function plansIn(journal: string, fromMs: number, toMs: number): Readonly<Record<string, number>> {
  const plans: Record<string, number> = {};
  for (const { at, decision: decided, ended } of entriesOf(journal)) {
    const isInTime = Date.parse(at) >= fromMs && Date.parse(at) < toMs;
    if (decided.plan && ended === undefined && isInTime) plans[decided.plan.kind] = (plans[decided.plan.kind] ?? 0) + 1;
  }
  return plans;
}

/** States other than a healthy primary in that time, the longest first. */
export function doubtsIn(journal: string, fromMs: number, toMs: number): readonly Doubt[] {
  const entries = entriesOf(journal);
  const doubts = new Map<string, Doubt>();
  entries.forEach(({ at, decision: { state, hold } }, index) => {
    const beganMs = Math.max(Date.parse(at), fromMs);
    const next = entries[index + 1];
    const endedMs = Math.min(next ? Date.parse(next.at) : toMs, toMs);
    if (state === 'PrimaryHealthy' || endedMs < beganMs || Date.parse(at) >= toMs) return;
    const reason = hold?.reason ?? '';
    const before = doubts.get(`${state} ${reason}`) ?? { state, hold: reason, times: 0, longestMs: 0 };
    const longestMs = Math.max(before.longestMs, endedMs - beganMs);
    doubts.set(`${state} ${reason}`, { ...before, times: before.times + 1, longestMs });
  });
  return [...doubts.values()].sort((a, b) => b.longestMs - a.longestMs);
}

function entriesOf(journal: string): z.infer<typeof decision>[] {
  return journal
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => decision.parse(JSON.parse(line)));
}
