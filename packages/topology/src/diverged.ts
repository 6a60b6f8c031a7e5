import type { GtidSet } from '@pilotfish/gtid';
import type { Policy } from './policy.ts';
import type { Repair } from './repair.ts';
import { type InstanceEvidence, viewOf } from './snapshot.ts';

export interface Divergence {
  readonly instance: InstanceEvidence;
  /** What it has and the primary lacks. */
  readonly errant: GtidSet;
  readonly primary: InstanceEvidence;
  readonly policy: Policy;
}

/** Each is a commit on the primary that is acknowledged; more than this are copied instead. */
const mostFilled = 1_000n;

/**
 * The rungs below attach and rewind, from the one that costs least: transactions that are proven to change nothing are given to the
 * primary as empty ones; what is left is saved and the instance copied anew, as far as the policy lets that happen by itself.
 */
export function repairDiverged(
  { instance, errant, primary, policy }: Divergence,
  copy: (reason: string) => Repair,
): Repair {
  const { name, agent, examined } = instance;
  const reason = `it holds transactions that ${primary.name} lacks: ${errant.toString()}`;
  if (agent && !examined?.asked.contains(errant)) return { do: 'examine', instance: name, errant, reason };
  const noOps = examined?.noOps.intersect(errant);
  const canFill = noOps && !noOps.isEmpty() && noOps.count() <= mostFilled && viewOf(primary)?.readOnly === false;
  if (canFill) return { do: 'fill', instance: name, gtids: noOps, reason: `${reason}; these change nothing` };
  if (policy.errantPolicy === 'auto') return copy(reason);
  return { do: 'wait', instance: name, reason: `${reason}${whatLiftsDivergence(policy)}` };
}

/** What is to be done about an instance that is left diverged, as the end of a sentence; empty where it is repaired by itself. */
export function whatLiftsDivergence({ errantPolicy }: Policy): string {
  switch (errantPolicy) {
    case 'auto':
      return '';
    case 'ask':
      return '; errantPolicy is ask: look at them, then order a rebuild, which saves them and copies the instance anew';
    case 'never':
      return '; errantPolicy is never: it is left as it is until they are dealt with by hand, or the policy is another';
    default:
      return errantPolicy satisfies never;
  }
}
