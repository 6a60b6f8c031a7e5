import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createEvent, maxEventBytes } from '@pilotfish/events';
import { GtidSet } from '@pilotfish/gtid';
import { createLogger } from '@pilotfish/service';
import { type Contact, decide, defaultPolicy, type InstanceEvidence, type Snapshot } from '@pilotfish/topology';
import { planOrder } from '../act/order.ts';
import { BadJournalError, readJournal } from '../replay/read-journal.ts';
import { replay } from '../replay/replay.ts';
import { decisionEvent } from './decision-event.ts';
import { DecisionLog } from './decision-log.ts';
import { MemoryJournal } from './journal.ts';
import { decodeEntry, encodeEntry, type JournalEntry, journaled } from './journal-entry.ts';
import { JournalFile } from './journal-file.ts';

const uuid = 'aaaaaaaa-1111-1111-1111-111111111111';

/** A primary that refuses connections, and a replica that has lost it. */
function deadPrimary(executed = `${uuid}:1-10`): Snapshot {
  const base = {
    podExists: true,
    leaving: false,
    ending: false,
    serverEnded: false,
    nodeLost: false,
    detachedMs: 0,
    openMs: 0,
  };
  const replica: InstanceEvidence = {
    ...base,
    name: 'db-mysql-1',
    ordinal: 1,
    host: '10.0.0.1',
    contact: {
      kind: 'observed',
      ageMs: 10,
      view: {
        serverUuid: uuid.replaceAll('a', 'b'),
        readOnly: true,
        executed: GtidSet.parse(executed),
        purged: GtidSet.empty,
        semiSyncSource: false,
        semiSyncWaitFor: 1,
        semiSyncReplica: true,
        semiSyncClients: 0,
        semiSyncWaitSessions: 0,
        clockOffsetMs: 0,
        uptimeMs: 60_000,
        heartbeatAgeMs: 100,
        replication: {
          sourceHost: '10.0.0.0',
          sourceUuid: uuid,
          receiver: 'CONNECTING',
          receiving: false,
          lastHeardMs: 2_000,
          received: GtidSet.parse(`${uuid}:1-12`),
          receiverErrno: 0,
          receiverError: '',
          applier: 'ON',
          applierErrno: 0,
          applierError: '',
          delaySeconds: 0,
        },
      },
    },
  };
  const gone: InstanceEvidence = {
    ...base,
    name: 'db-mysql-0',
    ordinal: 0,
    host: '10.0.0.0',
    contact: { kind: 'refused', forMs: 50 },
  };
  return {
    wantedReplicas: 2,
    durability: 'preferred',
    readOnly: false,
    maxLagSeconds: 30,
    policy: defaultPolicy,
    isolationTimeoutMs: 10_000,
    acks: { shortMs: 0, stalledMs: 0 },
    recorded: {
      primary: 'db-mysql-0',
      epoch: 3,
      initialized: true,
      ackSet: { members: ['db-mysql-1'], k: 1 },
      writable: true,
      identities: {},
    },
    instances: [gone, replica],
  };
}

function entryOf(snapshot: Snapshot): JournalEntry {
  const decision = journaled(decide(snapshot));
  return { at: '2026-01-01T00:00:00.000Z', key: 'shop/db', engine: 'engine-0', epoch: 3, snapshot, decision };
}

const logger = createLogger({ service: 'test', level: 'fatal', pod: 'test' });
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the journal', () => {
  test('an entry comes back from its text as it was', () => {
    const entry = entryOf(deadPrimary());
    expect(entry.decision.plan?.to).toBe('db-mysql-1');
    const back = decodeEntry(JSON.parse(JSON.stringify(encodeEntry(entry))));
    expect(encodeEntry(back)).toEqual(encodeEntry(entry));
    expect(replay([back])).toEqual([]);
  });

  const contacts: Readonly<Record<Contact['kind'], Contact>> = {
    observed: deadPrimary().instances[1]?.contact ?? { kind: 'untried' },
    refused: { kind: 'refused', forMs: 1 },
    silent: { kind: 'silent', forMs: 1 },
    denied: { kind: 'denied', because: 'connections', reason: 'Too many connections' },
    unsupported: { kind: 'unsupported', reason: 'MariaDB' },
    impostor: { kind: 'impostor', serverUuid: 'a', expected: 'b', ageMs: 1 },
    unplaced: { kind: 'unplaced' },
    untried: { kind: 'untried' },
  };
  test.each(Object.entries(contacts))('whatever the engine finds at an address is written down: %s', (_, contact) => {
    const { instances, ...rest } = deadPrimary();
    const [first, ...others] = instances;
    if (!first) throw new Error('there are instances');
    const entry = entryOf({ ...rest, instances: [{ ...first, contact }, ...others] });
    expect(replay([decodeEntry(JSON.parse(JSON.stringify(encodeEntry(entry))))])).toEqual([]);
  });

  test('a decision that does not change is journaled once, and again after its plan has ended', () => {
    const journal = new MemoryJournal();
    const told: string[] = [];
    const announce = { event: (name: string) => void told.push(name) };
    const log = new DecisionLog({ journal, announce, key: 'shop/db', engine: 'e', wall: () => new Date(0) });
    const snapshot = deadPrimary();
    log.decided(snapshot, decide(snapshot));
    log.decided(snapshot, decide(snapshot));
    log.ended(snapshot, decide(snapshot), { ok: false, reason: 'choose: too few' });
    log.decided(snapshot, decide(snapshot));
    expect(journal.recent('shop/db', 10).map(({ ended }) => ended?.reason)).toEqual([
      undefined,
      'choose: too few',
      undefined,
    ]);
    expect(journal.recent('shop/db', 1)).toHaveLength(1);
    expect(told).toEqual(['decision-made', 'decision-made', 'decision-made']);
  });

  test('a file holds what it may, and the one set aside the rest', () => {
    const path = join(folder, 'journal.jsonl');
    const entry = entryOf(deadPrimary());
    const lineBytes = JSON.stringify(encodeEntry(entry)).length + 1;
    const file = new JournalFile({ path, logger, maxBytes: 3 * lineBytes });
    for (let count = 0; count < 8; count += 1) file.take(entry);
    file.close();
    const lines = [path, `${path}.1`].map((name) => readJournal(readFileSync(name, 'utf8')).entries.length);
    expect(lines).toEqual([2, 3]);
  });

  test('an event carries the entry; of one that is too large it says what is left', () => {
    const entry = entryOf(deadPrimary());
    const small = readJournal(JSON.stringify(decisionEvent(entry)));
    expect(small.entries.map(encodeEntry)).toEqual([encodeEntry(entry)]);
    const gaps = Array.from({ length: 5_000 }, (_, index) => `:${String(index * 2 + 1)}`).join('');
    const large = decisionEvent(entryOf(deadPrimary(`${uuid}${gaps}`)));
    expect(large.digest).toEqual(['db-mysql-0: refused', 'db-mysql-1: observed']);
    expect(readJournal(JSON.stringify(large))).toEqual({ entries: [], digests: 1 });
    for (const data of [decisionEvent(entry), large]) {
      const event = createEvent({
        name: 'decision-made',
        source: { service: 'topology-engine', pod: 'e' },
        cluster: { namespace: 'shop', name: 'db', uid: 'u' },
        occurrence: { sequence: 3 },
        time: new Date(0),
        data,
      });
      expect(JSON.stringify(event.data).length).toBeLessThan(maxEventBytes);
    }
  });
});

describe('the replay', () => {
  test('shows a decision that comes out otherwise', () => {
    const entry = entryOf(deadPrimary());
    const [difference] = replay([{ ...entry, decision: { state: 'PrimaryHealthy' } }]);
    expect(difference).toMatchObject({ journaled: { state: 'PrimaryHealthy' }, today: { plan: { to: 'db-mysql-1' } } });
  });

  test('plans what was ordered again, with the operation as it is now', () => {
    const snapshot = deadPrimary();
    const order = { operation: 'failover', params: { to: 'db-mysql-1' }, by: 'ada', reason: 'a test' } as const;
    const journal = new MemoryJournal();
    const log = new DecisionLog({
      journal,
      announce: { event: () => undefined },
      key: 'shop/db',
      engine: 'e',
      wall: () => new Date(0),
    });
    const planned = planOrder({ id: 'op-1', ...order }, snapshot, 0);
    if ('refused' in planned) throw new Error(planned.refused.message);
    const made = { state: 'PrimaryDead', plan: planned.plan } as const;
    log.ordered(snapshot, made, order);
    log.ended(snapshot, made, { ok: true }, order);
    const entries = journal
      .recent('shop/db', 10)
      .map((entry) => decodeEntry(JSON.parse(JSON.stringify(encodeEntry(entry)))));
    expect(entries.map(({ order: ordered }) => ordered)).toEqual([order, order]);
    expect(replay(entries)).toEqual([]);
    const [first] = entries;
    if (!first) throw new Error('it is journaled');
    const elsewhere = { ...first, order: { ...order, params: { to: 'db-mysql-0' } } };
    expect(replay([elsewhere])).toMatchObject([
      { journaled: { plan: { to: 'db-mysql-1' } }, today: { hold: { reason: 'AlreadyPrimary' } } },
    ]);
  });

  test.each([
    ['nothing in it', ''],
    ['no JSON', 'x'],
    ['something else', '{"a":1}'],
    ['a set that is none', JSON.stringify(encodeEntry(entryOf(deadPrimary()))).replaceAll(':1-10', ':1-')],
  ])('refuses a file with %s', (_, text) => {
    expect(() => readJournal(text)).toThrow(BadJournalError);
  });
});
