import { keyOf } from '@pilotfish/kube';
import type { Clock } from '@pilotfish/service';
import type { Topology } from './cluster-view.ts';
import type { PodView } from './pod-view.ts';

/**
 * A recreated pod that is Ready for so long is believed to be what the status says even if nothing was seen to change:
 * the change may have fallen between two looks. In milliseconds.
 */
export const graceMs = 30_000;

interface Incarnation {
  uid: string;
  /** Present while nobody has vouched for this pod: what the status said about its name when it appeared. */
  doubt?: { readonly statement: string; readySinceMs?: number };
}

/**
 * Tells a pod from the one of the same name that was there before. The status names pods, not their incarnations, so what it
 * says about a name is not believed of a new pod until the engine has said something new. What was there when this
 * process started is believed, so that a restart changes nothing.
 */
export class Incarnations {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #byPod = new Map<string, Incarnation>();

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
  }

  /** To be told of each pod that appears or changes, with the status as known at that moment. */
  observe(pod: PodView, topology: Topology | undefined): void {
    const key = keyOf(pod);
    const known = this.#byPod.get(key);
    if (known?.uid === pod.metadata.uid) return;
    const incarnation: Incarnation = { uid: pod.metadata.uid };
    if (known !== undefined) incarnation.doubt = { statement: statementAbout(pod.metadata.name, topology) };
    this.#byPod.set(key, incarnation);
  }

  /** Whether what the status says about this pod's name is about this pod. */
  isVouched(pod: PodView, topology: Topology): boolean {
    const incarnation = this.#byPod.get(keyOf(pod));
    const doubt = incarnation?.doubt;
    if (incarnation === undefined || doubt === undefined) return true;
    if (doubt.statement === statementAbout(pod.metadata.name, topology) && !this.#isOver(doubt, pod.ready))
      return false;
    delete incarnation.doubt;
    return true;
  }

  /** Forgets the pods of a cluster, named by its key. */
  forget(clusterKey: string): void {
    for (const key of this.#byPod.keys()) if (key.startsWith(`${clusterKey}-mysql-`)) this.#byPod.delete(key);
  }

  #isOver(doubt: NonNullable<Incarnation['doubt']>, ready: boolean): boolean {
    if (!ready) {
      delete doubt.readySinceMs;
      return false;
    }
    doubt.readySinceMs ??= this.#clock.nowMs();
    return this.#clock.nowMs() - doubt.readySinceMs >= graceMs;
  }
}

function statementAbout(pod: string, topology: Topology | undefined): string {
  if (topology === undefined) return '';
  const { primary, epoch, writable, instances } = topology;
  const lead = primary === pod ? [epoch, writable] : [];
  return JSON.stringify([lead, instances.find((instance) => instance.name === pod)]);
}
