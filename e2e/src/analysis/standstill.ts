/**
 * From here on writes or reads count as standing still, and need a word of why. A shorter silence is as likely the machine's, with clones
 * and all servers on few processors; its length is printed, and is for benchmarks to judge.
 */
export const STANDSTILL_MS = 3_000;
