import { type PlanRun, StepFailed } from '../plan-run.ts';

const pollMs = 20;
/** From the last pod's label to the last node: the EndpointSlice, then each kube-proxy, which writes its rules at most every 100 ms. */
const settleMs = 200;

/**
 * Has the Service lead new connections to the candidate, and to nobody else, before the old primary closes: service-syncer moves the
 * label when it sees this phase, the candidate's first and then the old one's. Connections that exist go on at the old primary; a new
 * one is refused as read-only until the hand-over, a moment later. Then nobody who reconnects has to wait for kube-proxy.
 * @throws StepFailed when the label does not come in time: the hand-over then goes on without
 */
export async function leadClients(run: PlanRun, deadlineMs: number): Promise<void> {
  const { context } = run;
  const { record, clock } = context;
  const { operation } = run.topology;
  if (!operation || context.role(run.candidate) === undefined) return;
  await record.update({ operation: { ...operation, phase: 'handing-over' } });
  const giveUpAt = clock.nowMs() + deadlineMs - 2 * settleMs;
  const isLed = (): boolean => context.role(run.candidate) === 'master' && context.role(run.plan.from) !== 'master';
  while (!isLed()) {
    if (clock.nowMs() > giveUpAt) throw new StepFailed(`the label did not move to ${run.candidate} alone`);
    await clock.sleep(pollMs);
  }
  await clock.sleep(settleMs);
}
