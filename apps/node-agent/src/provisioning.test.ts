import { describe, expect, test } from '@jest/globals';
import {
  decideProvisioning,
  type ProvisioningFacts,
  type ProvisioningPhase,
  type ProvisioningWork,
} from './provisioning.ts';

const data: ProvisioningFacts = {
  blank: false,
  cloning: undefined,
  mysqld: 'answering',
  startFailure: undefined,
  accountsFailure: undefined,
};
const cloning = { startedAt: '2026-01-01T00:00:00Z', donor: 'd:3306', reason: 'test' };

const rows: [string, Partial<ProvisioningFacts>, ProvisioningPhase, ProvisioningWork][] = [
  ['with data that serves', {}, 'ready', 'none'],
  ['with data that recovers', { mysqld: 'absent' }, 'ready', 'none'],
  ['with data that hangs', { mysqld: 'silent' }, 'ready', 'none'],
  ['with data of somebody else', { mysqld: 'denied' }, 'failed', 'none'],
  ['with data that does not start', { mysqld: 'absent', startFailure: 'why' }, 'failed', 'none'],
  ['with data that started after all', { startFailure: 'why' }, 'ready', 'none'],
  ['not initialised yet', { blank: true, mysqld: 'absent' }, 'initializing', 'none'],
  ['that can not be initialised', { blank: true, mysqld: 'absent', startFailure: 'why' }, 'failed', 'none'],
  ['fresh and without accounts', { blank: true, mysqld: 'denied' }, 'initializing', 'create-accounts'],
  ['whose accounts failed', { blank: true, mysqld: 'denied', accountsFailure: 'why' }, 'failed', 'create-accounts'],
  ['fresh with accounts', { blank: true }, 'none', 'none'],
  ['with an unwatched clone', { cloning }, 'cloning', 'conclude-clone'],
  ['with an unwatched clone onto a blank volume', { blank: true, cloning }, 'cloning', 'conclude-clone'],
  ['that restarts with cloned data', { cloning, mysqld: 'absent' }, 'cloning', 'none'],
  ['that can not start with cloned data', { cloning, mysqld: 'absent', startFailure: 'why' }, 'failed', 'none'],
  ['cloned from a stranger', { cloning, mysqld: 'denied' }, 'cloning', 'conclude-clone'],
];

describe('an instance', () => {
  test.each(rows)('%s: %j -> %s, %s', (_, facts, phase, work) => {
    const decision = decideProvisioning({ ...data, ...facts });
    expect(decision.state.phase).toBe(phase);
    expect(decision.work).toBe(work);
    if (phase === 'failed') expect(decision.state.detail).toBeTruthy();
  });
});
