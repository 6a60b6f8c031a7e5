import type { ClusterState } from '../../cluster-state.ts';
import type { HoldReason } from '../../hold.ts';
import type { Snapshot } from '../../snapshot.ts';
import { instance, lostSource, observed, primary, replica, uuidOf } from '../scene.ts';

/** A snapshot, and what is decided on it. */
export interface Row {
  readonly name: string;
  readonly snapshot: Snapshot;
  readonly state: ClusterState;
  readonly plan?: string;
  readonly to?: string;
  readonly hold?: HoldReason;
  /** When something is done about the hold. */
  readonly nextMs?: number;
  /** Part of the plan's reason or steps, or of the hold's message. */
  readonly says?: string;
}

export const deadReplicas = [instance(1, observed(lostSource(1))), instance(2, observed(lostSource(2)))];
export const well = [instance(1, observed(replica(1))), instance(2, observed(replica(2)))];
export const waitingPrimary = primary({ semiSyncWaitSessions: 3, semiSyncClients: 0 });
export const stranger = { kind: 'impostor' as const, serverUuid: uuidOf(4), expected: uuidOf(0), ageMs: 10 };
