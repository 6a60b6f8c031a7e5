import { describe, expect, test } from '@jest/globals';
import { decidePreStop, type PreStopFacts, type PreStopVerdict } from './pre-stop.ts';

const primary: PreStopFacts = {
  mysqld: { kind: 'answering', readOnly: false, superReadOnly: false },
  unchangedForMs: 0,
  replicas: 2,
  engineAbsentMs: 0,
  elapsedMs: 1000,
};
const closed: PreStopFacts['mysqld'] = { kind: 'answering', readOnly: true, superReadOnly: true };

const down: PreStopFacts['mysqld'] = { kind: 'absent', reason: '' };
const hung: PreStopFacts['mysqld'] = { kind: 'silent', reason: '', hangs: true };

const rows: [string, Partial<PreStopFacts>, PreStopVerdict][] = [
  ['a primary with replicas and an engine', {}, 'wait'],
  ['a primary that nobody moved in time', { elapsedMs: 25_000 }, 'too-late'],
  ['a primary without replicas', { replicas: 0 }, 'no-replica'],
  ['a primary without an engine for a moment', { engineAbsentMs: 2999 }, 'wait'],
  ['a primary without an engine', { engineAbsentMs: 3000 }, 'no-engine'],
  ['a replica that nobody replicates from', { mysqld: closed, replicas: 0 }, 'closed'],
  ['a primary that is just handing over', { mysqld: closed, unchangedForMs: 1999 }, 'wait'],
  ['a primary that was handed over long enough ago', { mysqld: closed, unchangedForMs: 2000 }, 'closed'],
  [
    'an instance closed for all but superusers',
    { mysqld: { kind: 'answering', readOnly: true, superReadOnly: false } },
    'wait',
  ],
  ['an instance that is down', { mysqld: down, unchangedForMs: 2000 }, 'not-serving'],
  ['an instance that hangs', { mysqld: hung, unchangedForMs: 2000 }, 'not-serving'],
  ['an instance that has not answered for a moment', { mysqld: hung, unchangedForMs: 1999 }, 'wait'],
];

describe('before a pod stops', () => {
  test.each(rows)('%s: %j -> %s', (_, facts, verdict) => {
    expect(decidePreStop({ ...primary, ...facts })).toBe(verdict);
  });
});
