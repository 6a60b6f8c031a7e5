import type { LeaseTiming } from '@pilotfish/kube';
import type { Plan, StepKind } from '@pilotfish/topology';
import type { Credentials } from '../inventory.ts';

export const namespace = 'default';
export const clusterName = 'db';
export const key = `${namespace}/${clusterName}`;

/** What an engine of a test is told, as JSON in PILOTFISH_TEST_ENGINE. */
export interface EngineProgramOptions {
  readonly engine: string;
  readonly kubeconfig: string;
  readonly credentials: Credentials;
  readonly lease: LeaseTiming;
  /** JSON: a list of PodFacts, read again at each look. */
  readonly podsFile: string;
  /** Where its run of a plan of that kind ends or pauses, once it is armed. */
  readonly at?: { readonly kind: Plan['kind']; readonly step: StepKind; readonly does: 'die' | 'stand-still' };
}
