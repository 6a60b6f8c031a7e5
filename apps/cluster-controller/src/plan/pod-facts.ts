/** A pod of a cluster, as far as the plans look at it. */
export interface PodFacts {
  readonly name: string;
  readonly ordinal: number;
  readonly uid: string;
  /** Of the pod template it was made from; empty when the pod does not tell. */
  readonly revision: string;
  readonly ready: boolean;
  /** Since when it is Ready, or not, in milliseconds of calendar time. */
  readonly readinessSinceMs: number;
  /** Told to end. On a lost node it stays so until the node is back or removed. */
  readonly terminating: boolean;
  /** Why it does not get Ready, the gravest thing first; empty when nothing is known to be wrong. */
  readonly faults: readonly PodFault[];
}

/** A reason of the condition Ready that one pod can cause, with a sentence that names the pod and says what to do. */
export interface PodFault {
  readonly reason: 'ImagePullFailed' | 'PodUnschedulable' | 'VolumePending' | 'InstanceFailing';
  readonly message: string;
}
