import { z } from 'zod';

/** What a failover is made of, in order; a switchover has the same from `fence` on. */
export const phases = ['detect', 'fence', 'choose', 'drain', 'promote', 'publish'] as const;
export type Phase = (typeof phases)[number];

const line = z.object({ time: z.string(), msg: z.string(), step: z.string().optional() });

/** The step that ends each phase; what comes between belongs to the phase that it leads to. */
const endOf: Readonly<Record<string, Phase>> = {
  'stop-receivers': 'fence',
  'close-old': 'fence',
  choose: 'choose',
  drain: 'drain',
  'record-ack-set': 'drain',
  promote: 'promote',
};

/**
 * The shares of a change of primary, ms, out of the engine's log: from the fault to the plan, from step to step, and from the open
 * primary to the first acknowledged write. Phases that the plan has not are missing.
 */
export function phasesOf(log: string, faultMs: number, firstWriteMs: number): Partial<Record<Phase, number>> {
  const shares: Partial<Record<Phase, number>> = {};
  let lastMs = faultMs;
  const close = (phase: Phase, atMs: number): void => {
    shares[phase] = (shares[phase] ?? 0) + Math.max(atMs - lastMs, 0);
    lastMs = Math.max(atMs, lastMs);
  };
  for (const text of log.split('\n')) {
    const entry = parse(text);
    const atMs = entry ? Date.parse(entry.time) : 0;
    // The log's times are whole milliseconds.
    if (!entry || atMs < Math.floor(faultMs) || atMs > firstWriteMs + 1) continue;
    if (entry.msg === 'plan starts') close('detect', atMs);
    const phase = entry.msg === 'plan step' ? endOf[entry.step ?? ''] : undefined;
    if (phase !== undefined) close(phase, atMs);
  }
  close('publish', firstWriteMs);
  return shares;
}

function parse(text: string): z.infer<typeof line> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
