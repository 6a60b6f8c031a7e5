import type { ClusterState } from './cluster-state.ts';
import type { Decision } from './decision.ts';
import type { Hold } from './hold.ts';
import type { SuspectedPrimary } from './primary-verdict.ts';
import type { Contact, InstanceEvidence } from './snapshot.ts';

/** Something speaks against the primary, and it is not enough. */
export function decideSuspected(verdict: SuspectedPrimary, primary: InstanceEvidence | undefined): Decision {
  if (verdict.vetoedBy.length > 0) return { state: 'PrimaryUnreachable', hold: vetoed(verdict) };
  return (primary && answersWrongly(primary.contact, verdict.reason)) ?? inDoubt('PrimarySuspected', verdict);
}

export const inDoubt = (state: ClusterState, verdict: SuspectedPrimary): Decision => ({
  state,
  hold: {
    reason: 'PrimarySuspected',
    message: `${verdict.reason}; waiting for a second witness`,
    lifts: 'the primary answers, or a replica answers and confirms that it hears nothing from it',
    ...(verdict.conclusiveInMs !== undefined && {
      next: { afterMs: verdict.conclusiveInMs, does: 'takes the primary for dead if no replica receives from it' },
    }),
  },
});

function vetoed({ reason, vetoedBy }: SuspectedPrimary): Hold {
  return {
    reason: 'ReplicasStillReceive',
    message: `${reason}, but ${vetoedBy.join(', ')} still receive from it`,
    lifts: 'the engine reaches the primary again, or the replicas stop hearing from it',
  };
}

/** Its server runs, and the engine can't work with it: that is no death, whatever else is seen. */
function answersWrongly(contact: Contact, message: string): Decision | undefined {
  if (contact.kind === 'unsupported') {
    const lifts = 'a MySQL server of a supported version answers there';
    return { state: 'PrimaryUnsupported', hold: { reason: 'UnsupportedServer', message, lifts } };
  }
  if (contact.kind !== 'denied') return undefined;
  if (contact.because === 'connections') {
    const lifts = 'a connection becomes free: clients go, or max_connections is raised';
    return { state: 'PrimaryConnectionsExhausted', hold: { reason: 'ConnectionsExhausted', message, lifts } };
  }
  const lifts = 'the password in the Secret of the operator and the one in MySQL are the same';
  return { state: 'PrimaryDenied', hold: { reason: 'WrongCredentials', message, lifts } };
}
