import { GtidSet } from '@pilotfish/gtid';
import { defaultPolicy } from '../policy.ts';
import type {
  AckSet,
  AgentView,
  Contact,
  InstanceEvidence,
  InstanceView,
  ReplicationView,
  Snapshot,
} from '../snapshot.ts';

/** A letter for each server, so that GTID sets in tests read as `a:1-5`. */
const uuids = ['a', 'b', 'c', 'd', 'e'].map((letter) => `${letter.repeat(8)}-1111-1111-1111-111111111111`);

const parsed = new Map<string, GtidSet>();

/** Each text is read once: thousands of runs ask for the same few sets. */
export function gtids(text: string): GtidSet {
  const known = parsed.get(text);
  if (known) return known;
  const full = text.replaceAll(/\b([a-e]):/g, (_, letter: string) => `${uuids['abcde'.indexOf(letter)] ?? ''}:`);
  const set = GtidSet.parse(full);
  parsed.set(text, set);
  return set;
}

export const uuidOf = (index: number): string => uuids[index] ?? '';
export const hostOf = (index: number): string => `10.0.0.${String(index)}`;
export const nameOf = (index: number): string => `db-mysql-${String(index)}`;

export function view(index: number, change: Partial<InstanceView> = {}): InstanceView {
  return {
    serverUuid: uuidOf(index),
    readOnly: true,
    executed: gtids('a:1-10'),
    purged: GtidSet.empty,
    semiSyncSource: false,
    semiSyncWaitFor: 1,
    semiSyncReplica: true,
    semiSyncClients: 0,
    semiSyncWaitSessions: 0,
    replication: null,
    heartbeatAgeMs: 100,
    clockOffsetMs: 0,
    uptimeMs: 3_600_000,
    ...change,
  };
}

export function follows(source: number, change: Partial<ReplicationView> = {}): ReplicationView {
  return {
    sourceHost: hostOf(source),
    sourceUuid: uuidOf(source),
    receiver: 'ON',
    lastHeardMs: 100,
    received: gtids('a:1-10'),
    receiving: false,
    receiverErrno: 0,
    receiverError: '',
    applier: 'ON',
    applierErrno: 0,
    applierError: '',
    delaySeconds: 0,
    ...change,
  };
}

export const observed = (of: InstanceView, ageMs = 10): Contact => ({ kind: 'observed', view: of, ageMs });
export const refused: Contact = { kind: 'refused', forMs: 50 };
export const silent = (forMs: number): Contact => ({ kind: 'silent', forMs });

/** An agent beside a server that is well. Change what the test is about. */
export const agent = (change: Partial<AgentView> = {}): AgentView => ({
  running: true,
  blank: false,
  provisioning: 'ready',
  detail: '',
  diskFull: false,
  fileSystemReadOnly: false,
  ioStalledMs: 0,
  hungMs: 0,
  isolated: false,
  ...change,
});

export function instance(index: number, contact: Contact, change: Partial<InstanceEvidence> = {}): InstanceEvidence {
  return {
    name: nameOf(index),
    ordinal: index,
    host: hostOf(index),
    podExists: true,
    leaving: false,
    ending: false,
    contact,
    serverEnded: false,
    nodeLost: false,
    detachedMs: 0,
    openMs: 3_600_000,
    ...change,
  };
}

export const primary = (change: Partial<InstanceView> = {}): InstanceView =>
  view(0, { readOnly: false, semiSyncSource: true, semiSyncReplica: false, semiSyncClients: 2, ...change });

export const replica = (index: number, change: Partial<InstanceView> = {}): InstanceView =>
  view(index, { replication: follows(0), ...change });

export const lostSource = (index: number, change: Partial<ReplicationView> = {}): InstanceView =>
  replica(index, { replication: follows(0, { receiver: 'CONNECTING', ...change }) });

/** Three instances, all well: 0 leads, 1 and 2 follow and acknowledge. Change what the test is about. */
export function scene(
  instances: readonly InstanceEvidence[] = [
    instance(0, observed(primary())),
    instance(1, observed(replica(1))),
    instance(2, observed(replica(2))),
  ],
  change: Partial<Omit<Snapshot, 'recorded'>> & { recorded?: Partial<Snapshot['recorded']> } = {},
): Snapshot {
  const ackSet: AckSet = { members: [nameOf(1), nameOf(2)], k: 1 };
  return {
    wantedReplicas: 3,
    durability: 'preferred',
    readOnly: false,
    maxLagSeconds: 30,
    policy: defaultPolicy,
    isolationTimeoutMs: 10_000,
    acks: { shortMs: 0, stalledMs: 0 },
    instances,
    ...change,
    recorded: {
      primary: nameOf(0),
      epoch: 3,
      initialized: true,
      ackSet,
      writable: true,
      identities: {},
      ...change.recorded,
    },
  };
}
