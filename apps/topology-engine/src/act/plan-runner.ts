import { randomUUID } from 'node:crypto';
import type { Plan, Snapshot } from '@pilotfish/topology';
import type { EngineMetrics } from '../metrics.ts';
import type { BegunOrder } from './order-desk.ts';
import { PlanPause } from './plan-pause.ts';
import type { PlanContext } from './plan-run.ts';
import type { RunLog, RunRecorder } from './run-log.ts';
import { type PlanOutcome, runPlan } from './run-plan.ts';
import type { TaskBoard } from './task-board.ts';

export interface PlanRunnerOptions {
  readonly key: string;
  readonly runs: RunLog;
  /** The work beside the loop, which has to let go before a plan runs. */
  readonly tasks: TaskBoard;
  readonly metrics: Pick<EngineMetrics, 'planRun'>;
  readonly onEnd: (plan: Plan, snapshot: Snapshot, ok: boolean) => void;
}

const taskGraceMs = 300;

/** Has plans run, those that the engine decided and those that somebody ordered, one at a time. */
export class PlanRunner {
  readonly #options: PlanRunnerOptions;
  readonly #pause = new PlanPause();

  constructor(options: PlanRunnerOptions) {
    this.#options = options;
  }

  /** @returns how it ended; undefined when it is too early after one that failed */
  async runDecided(plan: Plan, context: PlanContext): Promise<PlanOutcome | undefined> {
    const { clock, record } = context;
    if (!this.#pause.isOver(plan, clock.nowMs())) return undefined;
    await takeOver(context);
    const { epoch } = record.current;
    const id = `${plan.kind}-${randomUUID().slice(0, 8)}`;
    const recorder = this.#options.runs.begin({ id, operation: plan.kind, by: '', epoch, plan });
    const outcome = await this.#run(plan, context, recorder);
    if (outcome.ok) this.#pause.planSucceeded();
    else this.#pause.planFailed(plan, clock.nowMs());
    return outcome;
  }

  async runOrdered({ order, plan, recorder }: BegunOrder, context: PlanContext): Promise<PlanOutcome> {
    const { id: operationId, operation, by } = order;
    const outcome = await this.#run(plan, context, recorder);
    const durationMs = recorder.report.tookMs ?? 0;
    if (outcome.ok) context.announce.event('operation-completed', { operation, by, operationId, durationMs });
    return outcome;
  }

  async #run(plan: Plan, context: PlanContext, recorder: RunRecorder): Promise<PlanOutcome> {
    const { key, tasks, metrics, onEnd } = this.#options;
    // What runs beside the loop was decided on a topology that ends now.
    if (tasks.isBusy) await tasks.end(taskGraceMs);
    const outcome = await runPlan(plan, context, recorder);
    metrics.planRun(key, plan.kind, outcome.ok);
    onEnd(plan, context.snapshot(), outcome.ok);
    if (!outcome.ok) context.logger.warn({ kind: plan.kind, reason: outcome.reason }, 'plan failed');
    return outcome;
  }
}

/** An operation that was left behind becomes this engine's in the record, so that no other carries it out as well. */
async function takeOver({ engine, record, announce }: PlanContext): Promise<void> {
  const { operation } = record.current;
  if (!operation) return;
  if (operation.engine !== engine) await record.update({ operation: { ...operation, engine } });
  const { id, kind, phase } = operation;
  announce.event('operation-resumed', { operationId: id, kind, phase });
}
