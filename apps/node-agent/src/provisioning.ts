import type { CloningMarker } from './data-markers.ts';

export type ProvisioningPhase = 'none' | 'initializing' | 'ready' | 'cloning' | 'saving-errant' | 'failed';

/** Where this instance's data comes from, and how far that is. */
export interface ProvisioningState {
  readonly phase: ProvisioningPhase;
  /** For people. */
  readonly detail?: string;
  /** ISO 8601. */
  readonly startedAt?: string;
  /** host:port. */
  readonly donor?: string;
}

export interface ProvisioningFacts {
  readonly blank: boolean;
  readonly cloning: CloningMarker | undefined;
  /** What mysqld said last. */
  readonly mysqld: 'answering' | 'denied' | 'silent' | 'absent';
  /** Why run-mysqld.sh can't start mysqld; old news while mysqld answers. */
  readonly startFailure: string | undefined;
  /** Why the last work on the accounts failed. */
  readonly accountsFailure: string | undefined;
}

/** What to do beside saying the phase: make the system accounts, or find out how a clone that nobody watches ended. */
export type ProvisioningWork = 'none' | 'create-accounts' | 'conclude-clone';

/**
 * Phase and next work of an instance on which no clone of this agent runs.
 *
 * - initializing: blank, and mysqld does not let us in yet
 * - none: blank, and waits to be bootstrapped or cloned
 * - ready: has data (which says nothing about whether mysqld runs)
 * - failed: says why; a cloning marker without a clone means that the data may be incomplete
 */
export function decideProvisioning(facts: ProvisioningFacts): { state: ProvisioningState; work: ProvisioningWork } {
  const { blank, cloning, mysqld, accountsFailure } = facts;
  const startFailure = mysqld === 'absent' ? facts.startFailure : undefined;
  if (cloning !== undefined) {
    const { startedAt, donor } = cloning;
    const work = mysqld === 'answering' || mysqld === 'denied' ? 'conclude-clone' : 'none';
    const detail = startFailure ?? 'waiting for mysqld to start with the cloned data';
    return { state: { phase: startFailure === undefined ? 'cloning' : 'failed', detail, startedAt, donor }, work };
  }
  if (startFailure !== undefined) return { state: { phase: 'failed', detail: startFailure }, work: 'none' };
  if (!blank) {
    if (mysqld !== 'denied') return { state: { phase: 'ready' }, work: 'none' };
    return { state: { phase: 'failed', detail: deniedDetail }, work: 'none' };
  }
  switch (mysqld) {
    case 'answering':
      return { state: { phase: 'none', detail: 'blank: waits to be bootstrapped or cloned' }, work: 'none' };
    case 'denied': {
      if (accountsFailure === undefined) return { state: { phase: 'initializing' }, work: 'create-accounts' };
      return { state: { phase: 'failed', detail: accountsFailure }, work: 'create-accounts' };
    }
    case 'silent':
    case 'absent':
      return { state: { phase: 'initializing' }, work: 'none' };
    default:
      return mysqld satisfies never;
  }
}

const deniedDetail =
  'mysqld refuses the account sys_operator: its password is not the one in the operated Secret, or the data comes from elsewhere';
