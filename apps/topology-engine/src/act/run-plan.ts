import { messageOf } from '@pilotfish/service';
import { failoverSteps, type Plan, type Step, stepsFrom } from '@pilotfish/topology';
import { OutrunError } from '../tenure.ts';
import { type PlanContext, PlanRun, StepFailed } from './plan-run.ts';
import type { RunRecorder } from './run-log.ts';
import { chooseCandidateNow, stopReceivers } from './steps/election.ts';
import { catchUp, closeOld, drain, fenceOld, moveSiblings, proveFence } from './steps/hand-over.ts';
import { leadClients } from './steps/lead-clients.ts';
import { hold, leaveAckSet, look, rebuild, recordOrders, release, reParent } from './steps/orders.ts';
import { detach, prepareFirst, promote, publish, rePoint, settle } from './steps/promotion.ts';
import { confirmEpoch, recordAckSet, recordEpoch, recordIntent } from './steps/recording.ts';
import { rewindOld } from './steps/rewind-old.ts';
import { undo } from './undo.ts';

const actions: Readonly<Record<Step['do'], (run: PlanRun, deadlineMs: number, step: Step) => unknown>> = {
  'prepare-first': prepareFirst,
  'record-intent': recordIntent,
  'record-epoch': recordEpoch,
  'confirm-epoch': confirmEpoch,
  'catch-up': catchUp,
  'lead-clients': leadClients,
  'move-siblings': moveSiblings,
  'close-old': closeOld,
  'fence-old': fenceOld,
  'prove-fence': proveFence,
  'stop-receivers': stopReceivers,
  choose: chooseCandidateNow,
  'rewind-old': rewindOld,
  drain,
  'record-ack-set': recordAckSet,
  promote,
  detach,
  publish,
  're-point': rePoint,
  settle,
  'record-orders': recordOrders,
  'leave-ack-set': leaveAckSet,
  're-parent': reParent,
  rebuild,
  hold,
  release,
  look,
};

export type PlanOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Runs a plan to its end, and takes down how it goes. @throws OutrunError */
export async function runPlan(plan: Plan, context: PlanContext, recorder: RunRecorder): Promise<PlanOutcome> {
  const run = new PlanRun(plan, context);
  try {
    const outcome = await carryOut(run, recorder);
    recorder.ends(run.candidate, outcome.ok ? undefined : outcome.reason);
    return outcome;
  } catch (error: unknown) {
    recorder.ends(run.candidate, messageOf(error));
    throw error;
  }
}

/**
 * Runs a plan to its end. A step that fails does what it says it does: goes on, turns the switchover into a failover, or
 * undoes the plan; once the new primary is open nothing is undone, the operation stays recorded and is taken up again.
 */
async function carryOut(run: PlanRun, recorder: RunRecorder): Promise<PlanOutcome> {
  const { plan, context } = run;
  const besides: Promise<void>[] = [];
  let steps = [...plan.steps];
  context.logger.info({ kind: plan.kind, from: plan.from, to: plan.to, reason: plan.reason }, 'plan starts');
  while (steps.length > 0) {
    const [step, ...rest] = steps;
    if (!step) break;
    steps = rest;
    // Whoever looks after the cluster next begins when the operation ends: nothing of it may go on then.
    if (step.do === 'settle') await Promise.all(besides);
    recorder.stepBegins(step);
    const done = perform(step, run).then((failure) => {
      recorder.stepEnds(step, failure);
      return failure;
    });
    if (step.beside) {
      const beside = done.then(noted(step, run));
      if (step.beside === 'until-settle') besides.push(beside);
      continue;
    }
    const failure = await done;
    if (!failure) continue;
    noted(step, run)(failure);
    if (failure instanceof OutrunError) return await ended(besides, failure.message);
    if (step.otherwise === 'go-on') continue;
    if (step.otherwise === 'escalate') {
      steps = [...stepsFrom(failoverSteps, 'fence-old')];
      continue;
    }
    if (!run.opened) await undo(run, failure);
    return await ended(besides, `${step.do}: ${failure.message}`);
  }
  await Promise.all(besides);
  context.logger.info(
    { kind: plan.kind, primary: run.candidate, openedAfterMs: run.openedAfterMs, ms: run.elapsedMs },
    'plan done',
  );
  return { ok: true };
}

async function ended(besides: readonly Promise<void>[], reason: string): Promise<PlanOutcome> {
  await Promise.all(besides);
  return { ok: false, reason };
}

/** Does the work of a step. @returns why it could not be done */
export async function attempt(step: Step, run: PlanRun): Promise<Error | undefined> {
  try {
    await actions[step.do](run, step.deadlineMs, step);
    return undefined;
  } catch (error: unknown) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

/** The failure, or undefined. A step that runs out of time has failed, whatever it still does. */
async function perform(step: Step, run: PlanRun): Promise<Error | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(new StepFailed(`not done within ${String(step.deadlineMs)} ms`)), step.deadlineMs);
  });
  const failure = await Promise.race([attempt(step, run), late]);
  clearTimeout(timer);
  run.context.logger.info({ step: step.do, atMs: run.elapsedMs, ok: !failure }, 'plan step');
  return failure;
}

const noted = (step: Step, run: PlanRun) => (failure: Error | undefined) => {
  if (failure) run.context.logger.warn({ step: step.do, err: failure }, 'plan step failed');
};
