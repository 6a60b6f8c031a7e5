import type { ResolvedCluster } from '@pilotfish/api';
import { type KubeClient, keyOf, type Pod, type StatefulSet } from '@pilotfish/kube';
import type { BuildSettings } from '../model/cluster-context.ts';
import type { ImageTable } from '../model/mysql-image.ts';
import type { Problem } from '../model/problem.ts';
import { assessReadiness, type Readiness } from '../plan/assess-readiness.ts';
import type { ScalePlan } from '../plan/plan-scale.ts';
import { podFactsOf } from '../plan/pod-facts-of.ts';
import { type ApplyResult, applyObjects, isFailed, isRefused, type PartResult } from './apply-objects.ts';
import { Attempts } from './attempts.ts';
import type { Caches } from './caches.ts';
import type { EnginePresence } from './engine-presence.ts';
import type { ObjectApplier } from './object-applier.ts';
import { type RemovalResult, removeVolumes } from './remove-volumes.ts';
import { type RollStep, rollPods } from './roll-pods.ts';
import { scale } from './scale.ts';
import { type Survey, surveyCluster } from './survey-cluster.ts';

export interface SettleDependencies {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly applier: ObjectApplier;
  readonly presence: EnginePresence;
  readonly settings: BuildSettings;
  readonly images: ImageTable;
  readonly wall: () => Date;
}

/** What one pass over a cluster has done and found. */
export interface Settlement {
  readonly problems: readonly Problem[];
  readonly remarks: readonly string[];
  readonly readiness: Readiness;
  readonly parts: readonly PartResult[];
  readonly scaled: { readonly from: number; readonly to: number } | undefined;
  readonly scaleHold: string | undefined;
  readonly roll: RollStep & { readonly underWay: boolean };
  readonly removals: readonly RemovalResult[];
  readonly outdatedPods: number;
  /** What went wrong for a moment, and is tried again. */
  readonly failures: readonly unknown[];
}

/**
 * One pass over a cluster: its objects, the number of its pods, the next step of a roll, volumes that nobody needs any
 * more. Each of these is tried whatever became of the others.
 */
export async function settleCluster(
  dependencies: SettleDependencies,
  cluster: ResolvedCluster,
  wasRolling: boolean,
  signal: AbortSignal,
): Promise<Settlement> {
  const attempts = new Attempts();
  const survey = await surveyCluster(dependencies, cluster, attempts, signal);
  const { context, statefulSet } = survey;
  const plan = await attempts.run(scale(dependencies.client, cluster, statefulSet, signal), stay(statefulSet));
  const input = { context, replicas: plan.replicas, foundStatefulSet: statefulSet, signal };
  const applied = await applyObjects(dependencies, input);
  attempts.failed(applied.parts.flatMap((part) => (isFailed(part) && !isRefused(part.error) ? [part.error] : [])));
  const pods = dependencies.caches.pods.store.by('cluster', keyOf(cluster));
  const steps = await takeSteps(dependencies, { cluster, statefulSet, pods, underWay: wasRolling }, attempts, signal);
  const roll = { ...steps.roll, underWay: steps.roll.underWay ?? wasRolling };
  return {
    ...conclude(survey, applied, plan, roll, pods, dependencies.wall().getTime()),
    removals: steps.removals,
    failures: attempts.failures,
  };
}

interface Steps {
  readonly roll: RollStep;
  readonly removals: readonly RemovalResult[];
}

/** What takes something away, decided on what was there before this pass. */
async function takeSteps(
  dependencies: SettleDependencies,
  state: { cluster: ResolvedCluster; statefulSet: StatefulSet | undefined; pods: readonly Pod[]; underWay: boolean },
  attempts: Attempts,
  signal: AbortSignal,
): Promise<Steps> {
  const { cluster, statefulSet, pods, underWay } = state;
  const claims = dependencies.caches.claims.store.by('cluster', keyOf(cluster));
  const unknown: RollStep = { underWay: undefined };
  const roll: Promise<RollStep> =
    statefulSet === undefined
      ? Promise.resolve({ underWay: false })
      : rollPods(dependencies, { cluster, statefulSet, pods, underWay }, signal);
  return {
    roll: await attempts.run(roll, unknown),
    removals: await attempts.run(removeVolumes(dependencies.client, { ...state, claims }, signal), []),
  };
}

function conclude(
  { context, statefulSet, problems }: Survey,
  applied: ApplyResult,
  plan: ScalePlan,
  roll: RollStep & { readonly underWay: boolean },
  pods: readonly Pod[],
  nowMs: number,
): Omit<Settlement, 'removals' | 'failures'> {
  const { cluster } = context;
  const current = statefulSet?.spec.replicas;
  const isApplied = applied.parts.some((part) => part.part === 'StatefulSet' && !isFailed(part));
  const isScaled = isApplied && current !== undefined && current !== plan.replicas;
  const facts = podFactsOf(cluster.metadata.name, pods);
  const revision = statefulSet?.status?.updateRevision;
  return {
    problems: [...problems, ...applied.problems],
    remarks: applied.remarks,
    readiness: assessReadiness({
      cluster,
      pods: facts,
      statefulSetReplicas: isApplied ? plan.replicas : current,
      roll: roll.underWay ? { waitsFor: roll.waitsFor } : undefined,
      scaleHold: plan.hold,
      nowMs,
    }),
    parts: applied.parts,
    scaled: isScaled ? { from: current, to: plan.replicas } : undefined,
    scaleHold: plan.hold,
    roll,
    outdatedPods: roll.underWay ? facts.filter((pod) => pod.revision !== revision).length : 0,
  };
}

/** When it cannot be told how many pods there should be, there are as many as there are. */
function stay(statefulSet: StatefulSet | undefined): ScalePlan {
  const hold = 'the Kubernetes API did not answer';
  return { replicas: statefulSet?.spec.replicas ?? 0, hold };
}
