import { nextAckStep, planRepairs, type Snapshot } from '@pilotfish/topology';
import { applyAckStep } from './apply-ack-step.ts';
import { applyRepair } from './apply-repair.ts';
import type { PlanContext } from './plan-run.ts';
import type { TaskBoard } from './task-board.ts';

/** Begins what a cluster needs whose primary is open and stays, beside the loop: repairs, and one step of its ack set. */
export function careFor(snapshot: Snapshot, tasks: TaskBoard, context: PlanContext): void {
  for (const repair of planRepairs(snapshot)) {
    if (repair.do === 'wait') continue;
    const { instance } = repair;
    tasks.start(
      {
        name: `${repair.do} ${instance}`,
        on: [instance],
        run: (signal) => applyRepair(repair, { ...context, signal }),
      },
      repair,
    );
  }
  const step = nextAckStep(snapshot);
  if (!step) return;
  const [name, on] =
    'instance' in step
      ? [`${step.do} ${step.instance}`, ['ack set', step.instance]]
      : [`${step.do} to ${step.k}`, ['ack set']];
  tasks.start({ name, on, run: (signal) => applyAckStep(step, { ...context, signal }) }, step);
}
