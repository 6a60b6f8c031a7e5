import { outageAfter } from '../analysis/outages.ts';
import { STANDSTILL_MS } from '../analysis/standstill.ts';
import type { WriteRecord } from '../load-client/write-record.ts';
import type { Stage } from './scenario.ts';

/**
 * Complains when writes stood still after `sinceMs` (as `timestampMs`), though nothing was done to MySQL. Returns the longest silence, ms.
 * Shorter ones are printed and not judged: all containers of the cluster start on the processors that the writes need as well.
 */
export function expectSteadyWrites(stage: Stage, records: readonly WriteRecord[], sinceMs: number): number {
  const { outageMs, endedMs } = outageAfter(records, sinceMs);
  const silence = `${Math.round(outageMs)} ms${Number.isFinite(endedMs) ? `, until ${new Date(endedMs).toISOString()}` : ''}`;
  stage.log(`longest silence of writes ${silence}`);
  stage.findings.expect(outageMs < STANDSTILL_MS, `writes stood still for ${silence}`);
  return outageMs;
}
