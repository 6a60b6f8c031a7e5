import type { InstanceStatus, TopologyStatus } from '@pilotfish/api';
import type { PodFacts } from './pod-facts.ts';

export interface RollInput {
  /** Pods the StatefulSet is to have. */
  readonly replicas: number;
  /** Revision new pods get; undefined while the StatefulSet controller has not looked at the newest template. */
  readonly updateRevision: string | undefined;
  readonly pods: readonly PodFacts[];
  readonly topology: TopologyStatus | undefined;
  /** A roll was under way when this was asked last. */
  readonly underWay: boolean;
  /** The cluster is read-only by its spec: then nobody is writable, and that is right. */
  readonly readOnly: boolean;
  /** Calendar time, in milliseconds. */
  readonly nowMs: number;
}

export type RollPlan =
  /** All pods have the current revision, and the last that was replaced is back or will not come by itself. */
  | { readonly kind: 'none' }
  /** It cannot be told yet which revision is the current one. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'wait'; readonly message: string }
  | { readonly kind: 'delete'; readonly pod: PodFacts; readonly why: 'broken' | 'replica' | 'primary' };

/** A pod counts as back when it has been Ready for this long: by then topology-engine has seen it, too. */
export const settleMs = 2_000;

/** A pod that is not Ready for this long does not become so by itself; before that it may just be starting. */
export const patienceMs = 30_000;

/**
 * The next step of replacing pods of an older revision: at most one pod, and none while another is away. Pods that are not
 * Ready anyway go first, so that a mended configuration reaches those that the broken one had stopped. Then the
 * replicas from the highest ordinal down, each only when all the others have caught up; the primary is last, when it has
 * a replica to hand over to (topology-engine switches over as the pod is deleted).
 */
export function planRoll(input: RollInput): RollPlan {
  const { updateRevision, pods, replicas } = input;
  if (updateRevision === undefined) return { kind: 'unknown' };
  const outdated = pods.filter((pod) => !pod.terminating && pod.ordinal < replicas && pod.revision !== updateRevision);
  const leaving = pods.find((pod) => pod.terminating);
  if (outdated.length === 0 && !input.underWay) return { kind: 'none' };
  if (leaving !== undefined) return wait(`Pod ${leaving.name} is terminating.`);
  if (outdated.length === 0) return planEnd(input);
  return planBroken(input, outdated) ?? planHealthy(input, outdated);
}

function planEnd(input: RollInput): RollPlan {
  const absence = awayForNow(input);
  return absence === undefined ? { kind: 'none' } : wait(absence);
}

function planBroken(input: RollInput, outdated: readonly PodFacts[]): RollPlan | undefined {
  const { topology } = input;
  const broken = highestFirst(outdated.filter((pod) => isBroken(pod, input)));
  if (broken.length === 0) return undefined;
  // A pod just replaced gets its time: two at once could be more than the acknowledgement of writes can spare.
  const absence = awayForNow(input);
  if (absence !== undefined) return wait(absence);
  const pod = broken.find(({ name }) => name !== topology?.primary);
  if (pod !== undefined) return { kind: 'delete', pod, why: 'broken' };
  const [primary] = broken;
  if (primary !== undefined && outdated.length === 1) return { kind: 'delete', pod: primary, why: 'broken' };
  return wait(`The primary ${topology?.primary ?? ''} is not Ready; its replicas are not replaced meanwhile.`);
}

/** A pod that starts or is about to be made. */
function awayForNow(input: RollInput): string | undefined {
  const absent = absentOrdinal(input.pods, input.replicas);
  if (absent !== undefined) return `The pod with ordinal ${String(absent)} does not exist yet.`;
  const starting = input.pods.find((pod) => !pod.ready && !isBroken(pod, input));
  return starting === undefined ? undefined : `Pod ${starting.name} is starting.`;
}

function isBroken(pod: PodFacts, { nowMs }: RollInput): boolean {
  return !pod.ready && (pod.faults.length > 0 || nowMs - pod.readinessSinceMs >= patienceMs);
}

function planHealthy(input: RollInput, outdated: readonly PodFacts[]): RollPlan {
  const { topology, replicas } = input;
  const [next] = highestFirst(outdated.filter((pod) => pod.name !== topology?.primary));
  const pod = next ?? outdated[0];
  if (pod === undefined) return { kind: 'none' };
  const why = next === undefined ? 'primary' : 'replica';
  const obstacle = absentPod(input) ?? unsettledTopology(input) ?? lateInstance(input, pod);
  if (obstacle !== undefined) return wait(obstacle);
  if (why === 'primary' && replicas > 1 && input.pods.length < 2) {
    return wait(`There is no replica that could take over from ${pod.name}.`);
  }
  return { kind: 'delete', pod, why };
}

/** Somebody is away, or has only just come back. */
function absentPod({ replicas, pods, nowMs }: RollInput): string | undefined {
  const absent = absentOrdinal(pods, replicas);
  if (absent !== undefined) return `The pod with ordinal ${String(absent)} does not exist yet.`;
  for (const pod of pods) {
    if (pod.ordinal >= replicas) return `Pod ${pod.name} is being removed.`;
    if (!pod.ready) return pod.faults[0]?.message ?? `Pod ${pod.name} is not Ready yet.`;
    if (nowMs - pod.readinessSinceMs < settleMs) return `Pod ${pod.name} has only just become Ready.`;
  }
  return undefined;
}

function absentOrdinal(pods: readonly PodFacts[], replicas: number): number | undefined {
  const present = new Set(pods.map((pod) => pod.ordinal));
  return Array.from({ length: replicas }, (_, ordinal) => ordinal).find((ordinal) => !present.has(ordinal));
}

function unsettledTopology({ topology, readOnly }: RollInput): string | undefined {
  if (topology === undefined || topology.primary === '') return 'No primary is known.';
  if (topology.operation !== undefined) return `A ${topology.operation.kind} is under way.`;
  if (topology.hold !== undefined) return `The topology is on hold: ${topology.hold.message}`;
  if (!topology.writable && !readOnly) return `The primary ${topology.primary} is not open for writes.`;
  return undefined;
}

/** An instance other than the primary and the one to replace that could not carry on by itself. */
function lateInstance({ topology, pods }: RollInput, next: PodFacts): string | undefined {
  const others = pods.filter((pod) => pod.name !== topology?.primary && pod.name !== next.name);
  const instances = new Map(topology?.instances.map((instance) => [instance.name, instance]));
  for (const { name } of others) {
    if (!isCurrent(instances.get(name))) return `Instance ${name} has not caught up with the primary yet.`;
  }
  const primary = topology?.primary ?? '';
  if (!pods.some((pod) => pod.name === primary)) return `The primary ${primary} is not one of the pods.`;
  return undefined;
}

/** Replicates from the current primary and has applied all of it. */
export function isCurrent(instance: InstanceStatus | undefined): boolean {
  return instance?.serving === true && instance.attached && instance.caughtUp;
}

function highestFirst(pods: readonly PodFacts[]): PodFacts[] {
  return pods.toSorted((a, b) => b.ordinal - a.ordinal);
}

function wait(message: string): RollPlan {
  return { kind: 'wait', message };
}
