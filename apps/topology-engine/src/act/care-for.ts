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
      { name: `${repair.do} ${instance}`, instance, run: (signal) => applyRepair(repair, { ...context, signal }) },
      repair,
    );
  }
  const step = nextAckStep(snapshot);
  if (!step) return;
  const instance = 'instance' in step ? step.instance : undefined;
  tasks.start({ name: 'ack set', instance, run: (signal) => applyAckStep(step, { ...context, signal }) }, step);
}
