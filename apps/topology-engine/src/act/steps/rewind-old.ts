import type { PlanRun } from '../plan-run.ts';
import { startWaiting } from '../start-waiting.ts';

const askDeadlineMs = 500;
const pollMs = 60;
/** So long the new primary goes first: to read the old one's binary log takes a processor, and clients wait for the new one. */
const yieldsMs = 1_000;

/**
 * Waits a moment for the old primary's server to wait, and tells it what others have received of it. One that can't be reached now is
 * told when it can be: it is recorded. Nothing to do where that is not known.
 */
export async function rewindOld(run: PlanRun, deadlineMs: number): Promise<void> {
  const { context, formerPrimary } = run;
  const { clock } = context;
  const agent = context.member(run.plan.from)?.agent;
  if (!formerPrimary || !agent) return;
  const { name: instance, serverUuid: source, received } = formerPrimary;
  const giveUpAt = clock.nowMs() + deadlineMs - 1_000;
  const yieldsUntil = clock.nowMs() + yieldsMs;
  while (context.record.current.operation && clock.nowMs() < yieldsUntil) await clock.sleep(pollMs);
  while (clock.nowMs() < giveUpAt) {
    const state = await agent.state(askDeadlineMs).catch(() => undefined);
    const awaiting = state?.mysqld.awaitingBoundary;
    if (awaiting?.source === source) {
      await startWaiting({ do: 'rewind', instance, wait: awaiting.id, source, received }, context);
      return;
    }
    await clock.sleep(pollMs);
  }
}
