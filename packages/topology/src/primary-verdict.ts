import { type InstanceEvidence, type Snapshot, viewOf } from './snapshot.ts';
import { timing } from './timing.ts';

/** What the evidence says of the recorded primary. */
export type PrimaryVerdict =
  /** Answers, and is open or may be opened. */
  | { readonly kind: 'alive' }
  /** Gone by two independent witnesses: itself, and every replica that answers. */
  | { readonly kind: 'dead'; readonly reason: string }
  /** It answers, but without the data that it had. */
  | { readonly kind: 'emptied'; readonly reason: string }
  /**
   * One witness is against it. `vetoedBy` names the replicas that still hear from it; `conclusiveInMs` is when the silence
   * of the primary counts, if it goes on.
   */
  | {
      readonly kind: 'suspected';
      readonly reason: string;
      readonly vetoedBy: readonly string[];
      readonly conclusiveInMs?: number;
    };

/**
 * A primary is dead on two independent witnesses: it refuses or answers nothing itself, and no replica that answers still
 * receives from it. One replica that demonstrably receives vetoes, whatever the engine's own connections say.
 */
export function judgePrimary(snapshot: Snapshot, primary: InstanceEvidence | undefined): PrimaryVerdict {
  if (primary?.contact.kind === 'observed') return judgeAnswering(snapshot, primary);
  const own = ownSilence(primary);
  if (!own.conclusive) return { kind: 'suspected', vetoedBy: [], ...own };
  const replicas = snapshot.instances.filter((instance) => instance !== primary && viewOf(instance)?.replication);
  const vetoedBy = replicas.filter((replica) => stillReceives(replica, primary)).map((replica) => replica.name);
  if (vetoedBy.length > 0) return { kind: 'suspected', reason: own.reason, vetoedBy };
  if (replicas.length === 0) {
    return { kind: 'suspected', reason: `${own.reason}; no replica answers to confirm it`, vetoedBy: [] };
  }
  return { kind: 'dead', reason: `${own.reason}; ${replicas.length} replica(s) receive nothing from it` };
}

function judgeAnswering(snapshot: Snapshot, primary: InstanceEvidence): PrimaryVerdict {
  const view = viewOf(primary);
  if (view && snapshot.recorded.initialized && view.executed.isEmpty()) {
    return { kind: 'emptied', reason: `${primary.name} came back without its data` };
  }
  return { kind: 'alive' };
}

function ownSilence(primary: InstanceEvidence | undefined): {
  reason: string;
  conclusive: boolean;
  conclusiveInMs?: number;
} {
  if (!primary) return { reason: 'its pod is gone', conclusive: true };
  const { contact, name } = primary;
  switch (contact.kind) {
    case 'refused':
      return { reason: `${name} refuses connections`, conclusive: true };
    case 'silent':
      return {
        reason: `${name} has not answered for ${Math.floor(contact.forMs / 1_000)} s`,
        conclusive: contact.forMs >= timing.primarySilentMs,
        conclusiveInMs: Math.max(timing.primarySilentMs - contact.forMs, 0),
      };
    case 'denied':
      return { reason: `${name} answers, but not to the operator: ${contact.reason}`, conclusive: false };
    case 'unplaced':
      return { reason: `the pod of ${name} has no address: its server is gone`, conclusive: true };
    case 'untried':
      return { reason: `${name} has not been tried yet`, conclusive: false };
    case 'observed':
      return { reason: `${name} answers`, conclusive: false };
    default:
      return contact satisfies never;
  }
}

function stillReceives(replica: InstanceEvidence, primary: InstanceEvidence | undefined): boolean {
  const replication = viewOf(replica)?.replication;
  if (replication?.receiver !== 'ON') return false;
  // A replica that follows somebody else says nothing about this primary.
  if (primary && replication.sourceHost !== primary.host) return false;
  const age = replica.contact.kind === 'observed' ? replica.contact.ageMs : 0;
  return replication.lastHeardMs !== null && replication.lastHeardMs + age < timing.receiverSilentMs;
}
