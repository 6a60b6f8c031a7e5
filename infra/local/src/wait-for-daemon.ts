import { readFileSync } from 'node:fs';
import { daemonLog, isDaemonRunning } from './daemon.ts';
import { waitUntil } from './wait-until.ts';

const SHOWN_LINES = 15;

/** What is thrown when a process of the cluster isn't there or doesn't do its work: with the end of its log. */
export class DaemonError extends Error {
  override readonly name = 'DaemonError';

  constructor(daemon: string, reason: string, cause?: unknown) {
    const log = daemonLog(daemon);
    const tail = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-SHOWN_LINES);
    const shown = tail.map((line) => `    ${line.slice(0, 300)}`).join('\n');
    super(
      `${daemon}: ${reason}\n  The end of ${log}:\n${shown}\n  Run it again; if that doesn't help, begin afresh: npm run down && npm run up`,
      { cause },
    );
  }
}

/** Waits until the condition holds, and gives up at once when the daemon that should make it true has ended. */
export async function waitForDaemon(
  daemon: string,
  what: string,
  deadlineMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  try {
    await waitUntil(what, deadlineMs, async () => !isDaemonRunning(daemon) || (await condition()));
  } catch (error) {
    throw new DaemonError(daemon, error instanceof Error ? error.message : String(error), error);
  }
  if (!isDaemonRunning(daemon)) throw new DaemonError(daemon, 'has ended');
}
