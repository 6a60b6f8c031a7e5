import { type Evidence, evidenceOfReplicas, evidenceOn } from './evidence.ts';
import { type InstanceEvidence, type InstanceView, type Snapshot, viewOf } from './snapshot.ts';

/** What the evidence says of the recorded primary. */
export type PrimaryVerdict =
  /** Answers, and is open or may be opened. */
  | { readonly kind: 'alive'; readonly primary: InstanceEvidence; readonly view: InstanceView }
  /** Gone by two independent witnesses: itself, and every replica that answers. */
  | { readonly kind: 'dead'; readonly reason: string }
  /** It answers, but without the data that it had. */
  | { readonly kind: 'emptied'; readonly reason: string }
  | SuspectedPrimary;

/** Something speaks against it, and it is not enough. */
export interface SuspectedPrimary {
  readonly kind: 'suspected';
  readonly reason: string;
  /** The replicas that still hear from it. */
  readonly vetoedBy: readonly string[];
  /** When its silence counts, if it goes on. */
  readonly conclusiveInMs?: number;
}

/**
 * A primary is dead on two independent witnesses: it refuses or answers nothing itself (or its agent says that no server
 * runs), and each replica that answers says that it receives nothing from it. One that demonstrably receives vetoes, whatever
 * the engine's own connections say; one whose last word is too old to tell is waited for.
 */
export function judgePrimary(snapshot: Snapshot, primary: InstanceEvidence | undefined): PrimaryVerdict {
  const view = viewOf(primary);
  if (primary && view) return judgeAnswering(snapshot, primary, view);
  const own = evidenceOn(primary);
  const against = own.find(({ says }) => says === 'gone');
  if (!against) return { kind: 'suspected', vetoedBy: [], ...doubt(own) };
  const replicas = evidenceOfReplicas(snapshot, primary);
  const vetoedBy = replicas.filter(({ says }) => says === 'alive').map(({ observer }) => observer);
  const reason = against.outcome;
  if (vetoedBy.length > 0) return { kind: 'suspected', reason, vetoedBy };
  if (replicas.length === 0) {
    return { kind: 'suspected', reason: `${reason}; no replica answers to confirm it`, vetoedBy: [] };
  }
  const unsure = replicas.filter(({ says }) => says === 'unsure').map(({ observer }) => observer);
  if (unsure.length > 0) {
    const message = `${reason}; ${unsure.join(', ')} heard from it when last asked, and have not answered since`;
    return { kind: 'suspected', reason: message, vetoedBy: [] };
  }
  return { kind: 'dead', reason: `${reason}; ${replicas.length} replica(s) receive nothing from it` };
}

function doubt(own: readonly Evidence[]): Pick<SuspectedPrimary, 'reason' | 'conclusiveInMs'> {
  const [first] = own;
  if (!first) return { reason: 'nothing is known of it' };
  const { outcome: reason, conclusiveInMs } = first;
  return conclusiveInMs === undefined ? { reason } : { reason, conclusiveInMs };
}

function judgeAnswering({ recorded }: Snapshot, primary: InstanceEvidence, view: InstanceView): PrimaryVerdict {
  if (recorded.initialized && view.executed.isEmpty()) {
    return { kind: 'emptied', reason: `${primary.name} came back without its data` };
  }
  return { kind: 'alive', primary, view };
}
