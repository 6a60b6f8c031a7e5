import { type Quantity, quantityValue } from '@pilotfish/api';
import type { ClaimSpec } from './manifest.ts';

/** What of a claim would have to change to be as wanted, in words: `storage 1Gi -> 2Gi`. Defaults of Kubernetes count as equal. */
export function claimDifferences(existing: ClaimSpec, wanted: ClaimSpec): string[] {
  const differences: string[] = [];
  const sizes = [existing, wanted].map((spec) => spec.resources?.requests?.storage);
  if (!sameQuantity(sizes[0], sizes[1])) differences.push(`storage ${String(sizes[0])} -> ${String(sizes[1])}`);
  const { storageClassName: before = '(default)' } = existing;
  const { storageClassName: after = before } = wanted;
  if (before !== after) differences.push(`storageClassName ${before} -> ${after}`);
  const modes = [existing, wanted].map((spec) => [...(spec.accessModes ?? [])].sort().join('+'));
  if (modes[0] !== modes[1]) differences.push(`accessModes ${modes.join(' -> ')}`);
  return differences;
}

function sameQuantity(a: Quantity | undefined, b: Quantity | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return quantityValue(a) === quantityValue(b);
}
