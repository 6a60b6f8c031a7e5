import type { Decision } from './decision.ts';
import { failover } from './failover.ts';
import { decideFirst } from './first-primary.ts';
import { resume } from './interrupted-operation.ts';
import { decideAlive } from './living-primary.ts';
import { judgePrimary } from './primary-verdict.ts';
import { instanceNamed, type Snapshot } from './snapshot.ts';
import { decideSuspected } from './suspicion.ts';

/** Evidence in, decision out: total, and without I/O or a clock. */
export function decide(snapshot: Snapshot): Decision {
  const { recorded } = snapshot;
  if (recorded.operation) return resume(snapshot, recorded.operation);
  if (recorded.primary === '') return decideFirst(snapshot);
  const primary = instanceNamed(snapshot, recorded.primary);
  if (snapshot.wantedReplicas === 0 && !primary?.podExists) return { state: 'Stopped' };
  const verdict = judgePrimary(snapshot, primary);
  switch (verdict.kind) {
    case 'alive':
      return decideAlive(snapshot, verdict.primary, verdict.view);
    case 'dead':
      return failover(snapshot, 'PrimaryDead', verdict.reason);
    case 'emptied':
      return failover(snapshot, 'PrimaryEmptied', verdict.reason);
    case 'suspected':
      return decideSuspected(verdict, primary);
    default:
      return verdict satisfies never;
  }
}
