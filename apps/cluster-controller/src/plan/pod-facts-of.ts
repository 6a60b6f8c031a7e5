import { ordinalOf } from '@pilotfish/api';
import type { Pod } from '@pilotfish/kube';
import type { PodFacts, PodFault } from './pod-facts.ts';

type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

/** Label that the StatefulSet controller puts on each pod. */
const revisionLabel = 'controller-revision-hash';

/** Facts of the pods of a cluster, by ordinal; objects that are none of its instances are left out. */
export function podFactsOf(cluster: string, pods: readonly Pod[]): PodFacts[] {
  return pods
    .flatMap((pod) => {
      const ordinal = ordinalOf(cluster, pod.metadata.name);
      return ordinal === undefined ? [] : [factsOf(pod, ordinal)];
    })
    .sort((a, b) => a.ordinal - b.ordinal);
}

function factsOf(pod: Pod, ordinal: number): PodFacts {
  const { metadata, status } = pod;
  const readiness = status?.conditions?.find((condition) => condition.type === 'Ready');
  const terminating = metadata.deletionTimestamp !== undefined;
  const ready = !terminating && readiness?.status === 'True';
  return {
    name: metadata.name,
    ordinal,
    uid: metadata.uid ?? '',
    revision: metadata.labels?.[revisionLabel] ?? '',
    ready,
    readinessSinceMs: Date.parse(readiness?.lastTransitionTime ?? metadata.creationTimestamp ?? '') || 0,
    terminating,
    faults: ready || terminating ? [] : faultsOf(pod),
  };
}

function faultsOf(pod: Pod): PodFault[] {
  return [...schedulingFaults(pod), ...containerFaults(pod)];
}

function schedulingFaults({ metadata, status }: Pod): PodFault[] {
  const scheduled = status?.conditions?.find((condition) => condition.type === 'PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return [];
  const message = scheduled.message ?? 'no node takes it';
  if (/persistentvolumeclaim|volume/i.test(message)) {
    return [
      {
        reason: 'VolumePending',
        message: `The volume of pod ${metadata.name} is not there yet: ${message}. Check that the StorageClass exists and provisions (kubectl describe pvc).`,
      },
    ];
  }
  return [
    {
      reason: 'PodUnschedulable',
      message: `No node takes pod ${metadata.name}: ${message}. Add nodes, lower podSpec.resources, or relax affinity, nodeSelector and tolerations.`,
    },
  ];
}

const imageReasons: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'RegistryUnavailable',
]);

/** A container that could not be made or that ended; init containers that are done and slow starts are no faults. */
function containerFaults({ metadata, status }: Pod): PodFault[] {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return statuses.flatMap((container) => containerFault(metadata.name, container) ?? []);
}

function containerFault(pod: string, status: ContainerStatus): PodFault | undefined {
  const { name, image } = status;
  const { reason = '', message = '' } = status.state?.waiting ?? {};
  const where = `container ${name} of pod ${pod}`;
  if (imageReasons.has(reason)) {
    return {
      reason: 'ImagePullFailed',
      message: `The image ${image} for ${where} cannot be pulled${inBrackets(withoutBackOff(message))}. Correct spec.image or spec.mysqlVersion, or add podSpec.imagePullSecrets.`,
    };
  }
  if (/^(Create\w*Error|RunContainerError)$/.test(reason)) {
    return {
      reason: 'InstanceFailing',
      message: `The ${where} cannot start${inBrackets(message || reason)}. It starts by itself once the cause is mended.`,
    };
  }
  if (reason !== 'CrashLoopBackOff' && !keepsEnding(status)) return undefined;
  const last = status.lastState?.terminated;
  const ended = last === undefined ? '' : `last exit code ${String(last.exitCode)}, ${last.reason ?? 'no reason'}`;
  return {
    reason: 'InstanceFailing',
    message: `The ${where} ends again and again${inBrackets(ended)}. Read its log: kubectl logs ${pod} -c ${name} --previous.`,
  };
}

/** Between two ends it runs for a moment, or waits for its turn; that is not yet an improvement. */
function keepsEnding({ ready, restartCount, lastState }: ContainerStatus): boolean {
  const last = lastState?.terminated;
  if (ready || restartCount < 3 || last === undefined) return false;
  return Date.parse(last.finishedAt ?? '') - Date.parse(last.startedAt ?? '') < shortLifeMs;
}

/** A container that ran for longer than this had started well. */
const shortLifeMs = 60_000;

/** The kubelet alternates between the error and the same with this in front; the sentence must not. */
function withoutBackOff(message: string): string {
  return message.replace(/^Back-off pulling image "[^"]*"(: \w+: )?/, '');
}

function inBrackets(text: string): string {
  return text === '' ? '' : ` (${text})`;
}
