import { acknowledge } from './acknowledge.ts';
import { downtime } from './downtime.ts';
import { failover } from './failover.ts';
import { fence, unfence } from './fence.ts';
import type { Operation } from './operation.ts';
import { pause, resume } from './pause.ts';
import { promotionRule } from './promotion-rule.ts';
import { rebuild } from './rebuild.ts';
import { refresh } from './refresh.ts';
import { reparent, reparentReplicas } from './reparent.ts';
import { switchover } from './switchover.ts';

/** Everything that a user can order, in the order of the reference. Another operation is another file and a row here. */
const all = [
  switchover,
  failover,
  reparent,
  reparentReplicas,
  rebuild,
  fence,
  unfence,
  downtime,
  promotionRule,
  pause,
  resume,
  acknowledge,
  refresh,
] as const;

export type OperationName = (typeof all)[number]['name'];

export const operations: readonly (Operation & { readonly name: OperationName })[] = all;

export function findOperation(name: string): (Operation & { readonly name: OperationName }) | undefined {
  return operations.find((operation) => operation.name === name);
}
