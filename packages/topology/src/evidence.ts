import { type InstanceEvidence, type ReplicationView, type Snapshot, viewOf } from './snapshot.ts';
import { timing } from './timing.ts';

/** What one observer found out about one instance. */
export interface Evidence {
  /** `engine`, `agent`, `kubernetes`, or the name of a replica. */
  readonly observer: string;
  /** How old it is by the engine's monotonic clock, milliseconds. */
  readonly ageMs: number;
  /** `unsure` speaks neither for nor against it. */
  readonly says: 'alive' | 'gone' | 'unsure';
  readonly outcome: string;
  /** When it will say `gone` if it goes on. */
  readonly conclusiveInMs?: number;
}

/** What is known of an instance from its own server, its agent and Kubernetes; the engine's own finding first. */
export function evidenceOn(instance: InstanceEvidence | undefined): readonly Evidence[] {
  if (!instance) return [{ observer: 'kubernetes', ageMs: 0, says: 'gone', outcome: 'its pod is gone' }];
  return [...byEngine(instance), ...byAgent(instance), ...byKubelet(instance)];
}

function byEngine({ contact, name }: InstanceEvidence): readonly Evidence[] {
  const says = (verdict: Evidence['says'], outcome: string, ageMs = 0): readonly Evidence[] => [
    { observer: 'engine', ageMs, says: verdict, outcome },
  ];
  switch (contact.kind) {
    case 'observed':
      return says('alive', `${name} answers`, contact.ageMs);
    case 'refused':
      return says('gone', `${name} refuses connections`);
    case 'silent':
      return [silence(name, contact.forMs)];
    case 'denied':
      return says('unsure', `${name} answers, but not to the operator: ${contact.reason}`);
    case 'unsupported':
      return says('unsure', `what answers at ${name} can't be managed: ${contact.reason}`);
    case 'impostor':
      return says(
        'gone',
        `at the address of ${name} another server answers (server_uuid ${contact.serverUuid}, not ${contact.expected})`,
        contact.ageMs,
      );
    case 'unplaced':
      return says('gone', `the pod of ${name} has no address: its server is gone`);
    case 'untried':
      return says('unsure', `${name} has not been tried yet`);
    default:
      return contact satisfies never;
  }
}

function silence(name: string, forMs: number): Evidence {
  return {
    observer: 'engine',
    ageMs: 0,
    says: forMs >= timing.primarySilentMs ? 'gone' : 'unsure',
    // In whole seconds: what is published must not change at every look.
    outcome: `${name} has not answered for ${Math.floor(forMs / 1_000)} s`,
    conclusiveInMs: Math.max(timing.primarySilentMs - forMs, 0),
  };
}

/** Its agent sees the process and asks over the socket: no network is between them. */
function byAgent({ agent, name }: InstanceEvidence): readonly Evidence[] {
  if (!agent) return [];
  const by = { observer: 'agent', ageMs: 0 } as const;
  if (!agent.running) return [{ ...by, says: 'gone', outcome: `the agent of ${name} says that mysqld does not run` }];
  if (agent.hungMs >= timing.primarySilentMs) {
    const seconds = Math.floor(agent.hungMs / 1_000);
    return [{ ...by, says: 'gone', outcome: `mysqld of ${name} has not answered its agent for ${seconds} s` }];
  }
  return [{ ...by, says: 'unsure', outcome: `the agent of ${name} says that mysqld runs` }];
}

function byKubelet({ serverEnded, name }: InstanceEvidence): readonly Evidence[] {
  if (!serverEnded) return [];
  const outcome = `the kubelet says that the server of ${name} has ended`;
  return [{ observer: 'kubernetes', ageMs: 0, says: 'gone', outcome }];
}

/** What each replica that answers has to say of the primary: whether it demonstrably still receives from it. */
export function evidenceOfReplicas(snapshot: Snapshot, primary: InstanceEvidence | undefined): readonly Evidence[] {
  const expected = primary && snapshot.recorded.identities[primary.name];
  return snapshot.instances.flatMap((replica): readonly Evidence[] => {
    const replication = viewOf(replica)?.replication;
    if (replica === primary || !replication || replica.contact.kind !== 'observed') return [];
    const by = { observer: replica.name, ageMs: replica.contact.ageMs };
    // A replica that follows somebody else, or another server at that address, says nothing of this primary.
    const isIts = !primary || replication.sourceHost === primary.host;
    const isReal = expected === undefined || replication.sourceUuid === '' || replication.sourceUuid === expected;
    return [{ ...by, ...hearing(replica.name, isIts && isReal ? replication : undefined, by.ageMs) }];
  });
}

/**
 * A replica is a witness by what it said when it said it. That its answer has aged since is no silence of the primary: it may be
 * the engine that is cut off, from both of them.
 */
function hearing(
  name: string,
  replication: ReplicationView | undefined,
  ageMs: number,
): Pick<Evidence, 'says' | 'outcome'> {
  const heardMs = replication?.receiver === 'ON' ? replication.lastHeardMs : null;
  if (heardMs === null || heardMs >= timing.receiverSilentMs) {
    return { says: 'gone', outcome: `${name} receives nothing from it` };
  }
  const says = heardMs + ageMs < timing.receiverSilentMs ? 'alive' : 'unsure';
  return { says, outcome: `${name} heard from it ${Math.round(heardMs + ageMs)} ms ago` };
}
