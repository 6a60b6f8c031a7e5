import type { Topology } from './cluster-view.ts';

/** What the event primary-opened says: a word about the write endpoint that is faster than the status. */
export interface WriteHint {
  readonly primary: string;
  readonly epoch: number;
  /** When the engine opened it, by the engine's clock. */
  readonly openedAt: Date;
}

/** The pod that the master Service should lead to, and why we think so. */
export interface WriteEndpoint {
  readonly pod: string;
  readonly epoch: number;
  readonly source: 'hint' | 'status';
}

/**
 * The status is the arbiter: a hint counts only while it is ahead of it, that is for a later epoch, or for the same one
 * that the status does not call writable yet. While an operation changes the primary, new connections are led to the instance that
 * opens in a moment: what refuses writes for that long is better than a Service that leads nowhere, and by the time it opens
 * kube-proxy has followed. Undefined: nothing takes writes.
 */
export function writeEndpoint(topology: Topology, hint: WriteHint | undefined): WriteEndpoint | undefined {
  if (hint !== undefined && isAhead(hint, topology)) return { pod: hint.primary, epoch: hint.epoch, source: 'hint' };
  const handOver = handOverOf(topology);
  if (handOver !== undefined) return handOver;
  if (!topology.writable || topology.primary === '') return undefined;
  return { pod: topology.primary, epoch: topology.epoch, source: 'status' };
}

function handOverOf({ operation, epoch }: Topology): WriteEndpoint | undefined {
  if (operation?.kind !== 'switchover' && operation?.kind !== 'failover') return undefined;
  if (operation.phase === 'handing-over') return { pod: operation.to, epoch: epoch + 1, source: 'status' };
  return operation.phase === 'switching' ? { pod: operation.to, epoch, source: 'status' } : undefined;
}

function isAhead(hint: WriteHint, topology: Topology): boolean {
  if (hint.epoch !== topology.epoch) return hint.epoch > topology.epoch;
  return hint.primary === topology.primary && !topology.writable;
}
