import { claimName, ordinalOf, podName, type TopologyStatus } from '@pilotfish/api';

export interface ClaimFacts {
  readonly name: string;
  readonly uid: string;
  readonly terminating: boolean;
}

export interface VolumesInput {
  readonly cluster: string;
  /** What the spec asks for. */
  readonly wanted: number;
  /** spec.replicas of the StatefulSet; undefined while it is not known. */
  readonly current: number | undefined;
  /** Names of all pods of the cluster, those that are ending included. */
  readonly pods: readonly string[];
  readonly claims: readonly ClaimFacts[];
  readonly keepAfterDelete: boolean;
  readonly topology: TopologyStatus | undefined;
}

export interface ClaimRemoval {
  readonly claim: ClaimFacts;
  readonly instance: string;
}

/**
 * Claims of instances that were scaled away. One is removed only when a writable primary stays, which is proof that all
 * acknowledged writes are elsewhere, and when nothing uses it any more. Ordinal 0's is never removed, nor is
 * any when the cluster is scaled to zero, and keepAfterDelete keeps them all.
 */
export function planVolumes(input: VolumesInput): ClaimRemoval[] {
  const { cluster, wanted, current, keepAfterDelete, topology } = input;
  if (keepAfterDelete || wanted === 0 || current === undefined || topology === undefined) return [];
  if (!topology.writable || topology.operation !== undefined) return [];
  const kept = Math.max(wanted, current);
  const primary = ordinalOf(cluster, topology.primary);
  if (primary === undefined || primary >= kept) return [];
  return input.claims
    .filter((claim) => !claim.terminating)
    .flatMap((claim) => {
      const ordinal = ordinalOfClaim(cluster, claim.name);
      if (ordinal === undefined || ordinal === 0 || ordinal < kept) return [];
      const instance = podName(cluster, ordinal);
      return input.pods.includes(instance) ? [] : [{ claim, instance }];
    });
}

/** Ordinal of the instance a claim is for; undefined for claims that are not this cluster's. */
function ordinalOfClaim(cluster: string, claim: string): number | undefined {
  const prefix = claimName('');
  return claim.startsWith(prefix) ? ordinalOf(cluster, claim.slice(prefix.length)) : undefined;
}
