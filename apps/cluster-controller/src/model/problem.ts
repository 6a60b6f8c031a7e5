import type { ConditionReason } from '@pilotfish/api';

/**
 * Something about a cluster's configuration that a person has to mend. `blocks` says what is left as it is meanwhile:
 * everything else of the cluster goes on being served.
 */
export interface Problem {
  readonly reason: Exclude<ConditionReason<'ConfigurationValid'>, 'ConfigurationAccepted'>;
  /** What is wrong and what to do about it: whole sentences. */
  readonly message: string;
  readonly blocks: 'nothing' | 'stateful-set' | 'everything';
}
