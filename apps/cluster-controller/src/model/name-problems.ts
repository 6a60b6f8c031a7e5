import { longestHostLength, maxHostLength, type ResolvedCluster } from '@pilotfish/api';
import type { Problem } from './problem.ts';

/** A name that instances cannot have. Checked again here: an object may be older than the rules at the door. */
export function nameProblems({ metadata, spec }: ResolvedCluster): Problem[] {
  const { name, namespace } = metadata;
  if (name.includes('.')) {
    return [
      {
        reason: 'InvalidSpec',
        message: `The name ${name} has a dot, which host names of instances cannot have. Create the cluster under a name without one.`,
        blocks: 'everything',
      },
    ];
  }
  const length = longestHostLength(name, namespace, spec.replicas);
  if (length <= maxHostLength) return [];
  return [
    {
      reason: 'NameTooLong',
      message:
        `The host names of the instances would have ${String(length)} characters, and MySQL stores ${String(maxHostLength)}. ` +
        `Create the cluster under a name that is ${String(length - maxHostLength)} characters shorter, or in a namespace with a shorter name.`,
      blocks: 'everything',
    },
  ];
}
