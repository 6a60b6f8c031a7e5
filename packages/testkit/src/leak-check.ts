import { eventually } from './eventually.ts';
import { releaseStartedResources, startedResources } from './started-resources.ts';

export interface TestHooks {
  readonly beforeAll: (hook: () => void | Promise<void>, timeoutMs?: number) => unknown;
  readonly afterAll: (hook: () => void | Promise<void>, timeoutMs?: number) => unknown;
}

/** Sockets take a few turns of the event loop to close. */
const closingDeadlineMs = 2_000;

/**
 * Fails the test file when it leaves a process, folder, socket or server behind. Called with jest's hooks, `checkLeaks({ beforeAll, afterAll })`,
 * after the file's own afterAll hooks: they run in the order of their declaration, and this one has to be the last.
 */
export function checkLeaks({ beforeAll, afterAll }: TestHooks): void {
  let before = new Map<string, number>();
  beforeAll(() => {
    before = activeHandles();
  });
  afterAll(async () => {
    const left = startedResources();
    await releaseStartedResources();
    if (left.length > 0) throw new Error(`left running by the tests: ${left.join(', ')}`);
    try {
      await eventually(() => newHandles(before).length === 0, {
        deadlineMs: closingDeadlineMs,
        describe: 'handles to close',
      });
    } catch {
      throw new Error(`handles left open by the tests: ${newHandles(before).join(', ')}`);
    }
  }, 60_000);
}

/** Kinds of handles that code under test opens; others come and go with the test runner. */
const watchedKinds = ['TCPSocketWrap', 'TCPServerWrap', 'PipeWrap', 'ProcessWrap', 'TLSWrap', 'UDPWrap', 'FSEventWrap'];

function activeHandles(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (watchedKinds.includes(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function newHandles(before: ReadonlyMap<string, number>): string[] {
  return [...activeHandles()]
    .filter(([kind, count]) => count > (before.get(kind) ?? 0))
    .map(([kind, count]) => `${count - (before.get(kind) ?? 0)} ${kind}`);
}
