import { GtidSet } from '@pilotfish/gtid';
import fc from 'fast-check';
import { defaultPolicy } from '../policy.ts';
import type { AgentView, Contact, InstanceEvidence, InstanceView, RecordedOperation, Snapshot } from '../snapshot.ts';
import { agent, follows, gtids, hostOf, instance, nameOf, scene, uuidOf, view } from './scene.ts';

/** Any snapshot that the engine can see, likely or not: three to five instances, each with any contact, any agent, any data. */
const times = fc.constantFrom(0, 50, 900, 1_600, 3_500, 12_000, 70_000);
const data = fc.constantFrom('', 'a:1-10', 'a:1-12', 'a:1-8', 'a:1-10,b:1', 'a:1-10,c:1').map(gtids);

const replication = fc.option(
  fc.record({
    source: fc.integer({ min: 0, max: 4 }),
    receiver: fc.constantFrom('ON' as const, 'OFF' as const, 'CONNECTING' as const),
    applier: fc.constantFrom('ON' as const, 'OFF' as const),
    lastHeardMs: fc.option(times),
    received: data,
    receiving: fc.boolean(),
    applierErrno: fc.constantFrom(0, 0, 0, 1_062),
  }),
  { nil: null },
);

const anyView = (index: number): fc.Arbitrary<InstanceView> =>
  fc
    .record({
      readOnly: fc.boolean(),
      executed: data,
      purged: fc.constantFrom(GtidSet.empty, gtids('a:1-3')),
      semiSyncSource: fc.boolean(),
      semiSyncReplica: fc.boolean(),
      semiSyncClients: fc.integer({ min: 0, max: 3 }),
      semiSyncWaitSessions: fc.constantFrom(0, 2),
      heartbeatAgeMs: fc.option(times),
      uptimeMs: times,
      replication,
    })
    .map(({ replication: link, ...facts }) =>
      view(index, {
        ...facts,
        replication: link && follows(link.source, { ...link, sourceHost: hostOf(link.source) }),
      }),
    );

const anyContact = (index: number): fc.Arbitrary<Contact> =>
  fc.oneof(
    { weight: 5, arbitrary: anyView(index).map((seen): Contact => ({ kind: 'observed', view: seen, ageMs: 10 })) },
    times.map((forMs): Contact => ({ kind: 'refused', forMs })),
    times.map((forMs): Contact => ({ kind: 'silent', forMs })),
    fc.constantFrom<Contact>(
      { kind: 'denied', because: 'credentials', reason: 'Access denied' },
      { kind: 'denied', because: 'connections', reason: 'Too many connections' },
      { kind: 'unsupported', reason: 'MariaDB 11.4' },
      { kind: 'impostor', serverUuid: uuidOf(4), expected: uuidOf(index), ageMs: 10 },
      { kind: 'unplaced' },
      { kind: 'untried' },
    ),
  );

const anyAgent: fc.Arbitrary<AgentView> = fc
  .record({
    running: fc.boolean(),
    blank: fc.boolean(),
    provisioning: fc.constantFrom('ready' as const, 'ready' as const, 'cloning' as const, 'failed' as const),
    diskFull: fc.boolean(),
    fileSystemReadOnly: fc.boolean(),
    ioStalledMs: times,
    hungMs: times,
    isolated: fc.boolean(),
  })
  .map(agent);

const anyInstance = (index: number): fc.Arbitrary<InstanceEvidence> =>
  fc
    .record({
      contact: anyContact(index),
      beside: fc.option(anyAgent, { nil: undefined }),
      podExists: fc.boolean(),
      leaving: fc.boolean(),
      ending: fc.boolean(),
      serverEnded: fc.boolean(),
      nodeLost: fc.boolean(),
      zone: fc.constantFrom('a', 'b'),
      detachedMs: times,
      openMs: times,
    })
    .map(({ contact, beside, detachedMs, ...facts }) =>
      instance(index, contact, {
        ...facts,
        detachedMs: isAttached(contact) ? 0 : detachedMs,
        ...(beside && { agent: beside }),
      }),
    );

const isAttached = (contact: Contact): boolean =>
  contact.kind === 'observed' && contact.view.replication?.receiver === 'ON';

const anyOperation: fc.Arbitrary<RecordedOperation> = fc.record({
  id: fc.constant('failover-4'),
  kind: fc.constantFrom('bootstrap' as const, 'failover' as const, 'switchover' as const),
  from: fc.constantFrom('', nameOf(0), nameOf(1)),
  to: fc.constantFrom(nameOf(0), nameOf(1), nameOf(2)),
  phase: fc.constantFrom('preparing' as const, 'handing-over' as const, 'switching' as const),
  previousAckSet: fc.record({
    members: fc.subarray([0, 1, 2].map(nameOf)),
    k: fc.integer({ min: 0, max: 2 }),
  }),
});

export const anySnapshot: fc.Arbitrary<Snapshot> = fc.integer({ min: 0, max: 5 }).chain((count) =>
  fc
    .record({
      instances: fc.tuple(...Array.from({ length: count }, (_, index) => anyInstance(index))),
      wantedReplicas: fc.integer({ min: 0, max: 5 }),
      durability: fc.constantFrom('preferred' as const, 'required' as const),
      readOnly: fc.boolean(),
      mode: fc.constantFrom('semiSync' as const, 'semiSync' as const, 'async' as const),
      ackZones: fc.constantFrom('any' as const, 'other' as const),
      acks: fc.record({ shortMs: times, stalledMs: times }),
      primary: fc.constantFrom('', nameOf(0), nameOf(0), nameOf(4)),
      members: fc.subarray([1, 2, 3, 4].map(nameOf)),
      k: fc.integer({ min: 0, max: 2 }),
      initialized: fc.boolean(),
      writable: fc.boolean(),
      operation: fc.option(anyOperation, { nil: undefined }),
    })
    .map(({ mode, ackZones, primary, members, k, initialized, writable, operation, instances, ...rest }) =>
      scene(
        instances.map((one) => ({ ...one, leaving: one.leaving || one.ordinal >= rest.wantedReplicas })),
        {
          ...rest,
          policy: { ...defaultPolicy, mode, ackZones },
          recorded: { primary, ackSet: { members, k }, initialized, writable, ...(operation && { operation }) },
        },
      ),
    ),
);
