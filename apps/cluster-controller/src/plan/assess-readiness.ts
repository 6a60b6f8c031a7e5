import { type ConditionReason, type InstanceStatus, ordinalOf, type Phase, type ResolvedCluster } from '@pilotfish/api';
import { patienceMs } from './plan-roll.ts';
import type { PodFacts } from './pod-facts.ts';

export interface ReadinessInput {
  readonly cluster: ResolvedCluster;
  readonly pods: readonly PodFacts[];
  /** Pods the StatefulSet is to have; undefined while there is none. */
  readonly statefulSetReplicas: number | undefined;
  /** A roll is under way; the sentence says what it waits for, if for anything. */
  readonly roll: { readonly waitsFor: string | undefined } | undefined;
  /** Why the number of pods is not yet the wanted one. */
  readonly scaleHold: string | undefined;
  /** Calendar time, in milliseconds. */
  readonly nowMs: number;
}

export interface Readiness {
  readonly readyNodes: number;
  readonly phase: Phase;
  readonly reason: ConditionReason<'Ready'>;
  readonly message: string;
}

interface Verdict {
  readonly reason: ConditionReason<'Ready'>;
  readonly message: string;
}

/** How a cluster does, in the words of its status. Every state that is not as it should be says why, and what to do. */
export function assessReadiness(input: ReadinessInput): Readiness {
  const { cluster, pods } = input;
  const readyNodes = pods.filter((pod) => pod.ready).length;
  const verdict = stopped(input) ?? unreadyPods(input, readyNodes) ?? noMaster(cluster) ?? notReplicating(input);
  const { reason, message } = verdict ?? ready(input);
  return { readyNodes, phase: phaseOf(input, reason), reason, message };
}

function ready({ cluster, roll, scaleHold }: ReadinessInput): Verdict {
  const { replicas, readOnly } = cluster.spec;
  const primary = cluster.status.topology?.primary ?? '';
  const sentences = [
    readOnly ? 'The cluster is read-only.' : `The primary is ${primary}.`,
    `${String(replicas)} of ${String(replicas)} instances are Ready.`,
    ...rollSentence(roll),
    ...scaleSentence(scaleHold, replicas),
  ];
  return { reason: 'ClusterReady', message: sentences.join(' ') };
}

function stopped({ cluster, pods }: ReadinessInput): Verdict | undefined {
  if (cluster.spec.replicas > 0) return undefined;
  if (pods.length === 0)
    return { reason: 'ClusterReady', message: 'The cluster is stopped: replicas is 0. Its volumes are kept.' };
  return { reason: 'StatefulSetNotReady', message: `${names(pods)} still to stop.` };
}

function unreadyPods(input: ReadinessInput, readyNodes: number): Verdict | undefined {
  const { cluster, pods, roll, scaleHold, statefulSetReplicas } = input;
  const { replicas } = cluster.spec;
  if (statefulSetReplicas !== undefined && readyNodes === replicas) return undefined;
  if (readyNodes > replicas) return leaving(input, readyNodes);
  const unready = pods.filter((pod) => !pod.ready);
  const [fault] = unready.flatMap((pod) => [
    ...pod.faults,
    ...instanceFaults(pod, instanceOf(cluster, pod), input.nowMs),
  ]);
  const sentences = [
    `${String(readyNodes)} of ${String(replicas)} instances are Ready.`,
    ...(fault === undefined ? unready.slice(0, 3).map(startingSentence) : [fault.message]),
    ...rollSentence(roll),
    ...scaleSentence(scaleHold, replicas),
  ];
  return { reason: fault?.reason ?? 'StatefulSetNotReady', message: sentences.join(' ') };
}

function leaving({ cluster, pods, scaleHold }: ReadinessInput, readyNodes: number): Verdict {
  const { replicas } = cluster.spec;
  const sentences = [
    `${String(readyNodes)} instances are Ready, ${String(replicas)} are wanted.`,
    ...(scaleHold === undefined ? [`${names(pods.filter((pod) => pod.ordinal >= replicas))} still to stop.`] : []),
    ...scaleSentence(scaleHold, replicas),
  ];
  return { reason: 'StatefulSetNotReady', message: sentences.join(' ') };
}

function startingSentence(pod: PodFacts): string {
  return pod.terminating ? `Pod ${pod.name} is terminating.` : `Pod ${pod.name} is not Ready yet.`;
}

/** What topology-engine says about an instance whose pod looks all right to Kubernetes. */
function instanceFaults(pod: PodFacts, instance: InstanceStatus | undefined, nowMs: number): Verdict[] {
  if (instance?.state === 'Unreachable' && !pod.terminating && nowMs - pod.readinessSinceMs >= patienceMs) {
    // In place of what the engine sees at each try, which alternates.
    return [
      {
        reason: 'InstanceFailing',
        message: `The server in pod ${pod.name} does not come up. Read its log: kubectl logs ${pod.name} -c mysql. An option in mysqlConf that it does not know is the usual cause.`,
      },
    ];
  }
  const message = instance?.message;
  if (message === undefined || message === '') return [];
  const about = `Instance ${pod.name}: ${message}`;
  const sentence = /[.!?]$/.test(about) ? about : `${about}.`;
  if (/no space left|disk (is )?full|volume (is )?full/i.test(message)) {
    return [
      {
        reason: 'VolumeFull',
        message: `${sentence} Grow its PersistentVolumeClaim or free room; it goes on by itself.`,
      },
    ];
  }
  if (/access denied/i.test(message)) return [{ reason: 'AccessDenied', message: sentence }];
  return [{ reason: 'StatefulSetNotReady', message: sentence }];
}

function noMaster({ metadata, spec, status }: ResolvedCluster): Verdict | undefined {
  const { topology } = status;
  if (topology === undefined || topology.primary === '') {
    if (spec.readOnly && topology?.initialized === true) return undefined;
    return { reason: 'NoMaster', message: holdOr(topology?.hold?.message, 'No primary has been chosen yet.') };
  }
  if (ordinalOf(metadata.name, topology.primary) === undefined) {
    return { reason: 'NoMaster', message: `The primary ${topology.primary} is none of the cluster's pods.` };
  }
  if (topology.writable || spec.readOnly) return undefined;
  return {
    reason: 'NoMaster',
    message: holdOr(topology.hold?.message, `The primary ${topology.primary} is not open for writes yet.`),
  };
}

function holdOr(hold: string | undefined, otherwise: string): string {
  return hold === undefined ? otherwise : `No instance is open for writes: ${hold}`;
}

function notReplicating({ cluster, pods }: ReadinessInput): Verdict | undefined {
  const { replicas } = cluster.spec;
  const primary = cluster.status.topology?.primary;
  const detached = pods.filter((pod) => {
    return pod.ordinal < replicas && pod.name !== primary && instanceOf(cluster, pod)?.attached !== true;
  });
  const [pod] = detached;
  if (pod === undefined) return undefined;
  const message = instanceOf(cluster, pod)?.message;
  return {
    reason: 'NotReplicating',
    message: `${names(detached)} not replicating from the primary yet${message === undefined ? '' : `: ${message}`}.`,
  };
}

function phaseOf(
  { cluster, pods, roll, statefulSetReplicas }: ReadinessInput,
  reason: ConditionReason<'Ready'>,
): Phase {
  const { topology } = cluster.status;
  if (cluster.spec.replicas === 0 && pods.length === 0) return 'Stopped';
  if (roll !== undefined) return 'Updating';
  if (reason === 'ClusterReady') return 'Running';
  if (topology?.initialized === true) return 'Degraded';
  return statefulSetReplicas === undefined || pods.length === 0 ? 'Pending' : 'Initializing';
}

function rollSentence(roll: ReadinessInput['roll']): string[] {
  if (roll === undefined) return [];
  return [`Pods are being replaced one by one.${roll.waitsFor === undefined ? '' : ` Waiting: ${roll.waitsFor}`}`];
}

function scaleSentence(hold: string | undefined, replicas: number): string[] {
  return hold === undefined ? [] : [`Scaling to ${String(replicas)} waits: ${hold}.`];
}

function instanceOf(cluster: ResolvedCluster, pod: PodFacts): InstanceStatus | undefined {
  return cluster.status.topology?.instances.find((instance) => instance.name === pod.name);
}

function names(pods: readonly PodFacts[]): string {
  const list = pods.map((pod) => pod.name).join(', ');
  return pods.length === 1 ? `Pod ${list} is` : `Pods ${list} are`;
}
