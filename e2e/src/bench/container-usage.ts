import { readdirSync, readFileSync } from 'node:fs';

/** What the processes of one container have used. */
export interface Usage {
  /** Processor time since each process started, ms. */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** The kernel's unit of processor time in /proc: a hundredth of a second on every Linux that Node runs on. */
const MS_PER_TICK = 10;
const PAGE_BYTES = 4096;

/** The usage of containers that run on this machine, by container id (the hexadecimal part). Containers without a process are missing. */
export function usageOfContainers(containerIds: readonly string[]): Map<string, Usage> {
  const usage = new Map<string, Usage>();
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const cgroups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
      const id = containerIds.find((candidate) => cgroups.includes(candidate));
      if (id === undefined) continue;
      const own = parseUsage(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      const sum = usage.get(id) ?? { cpuMs: 0, rssBytes: 0 };
      usage.set(id, { cpuMs: sum.cpuMs + own.cpuMs, rssBytes: sum.rssBytes + own.rssBytes });
    } catch {
      // The process ended while we looked.
    }
  }
  return usage;
}

/** Reads a line of /proc/<pid>/stat; the time of children that were waited for is included. */
export function parseUsage(stat: string): Usage {
  // The name of the program, in parentheses, may contain anything; fields are counted from behind it: the state is the third.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const field = (number: number): number => fields[number - 3] ?? 0;
  return { cpuMs: (field(14) + field(15) + field(16) + field(17)) * MS_PER_TICK, rssBytes: field(24) * PAGE_BYTES };
}
