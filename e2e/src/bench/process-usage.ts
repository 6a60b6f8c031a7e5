import { readFileSync } from 'node:fs';
import { parseUsage, type Usage } from './container-usage.ts';

/** What one process has used so far. Throws when it is gone. */
export function usageOf(pid: number): Usage {
  return parseUsage(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}
