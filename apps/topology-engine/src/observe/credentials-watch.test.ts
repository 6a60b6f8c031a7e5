import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '@pilotfish/testkit';
import type { Credentials } from '../inventory.ts';
import { type CredentialsTrial, CredentialsWatch } from './credentials-watch.ts';

const secret = (password: string): Credentials => ({
  operator: { user: 'sys_operator', password },
  replication: { user: 'sys_replication', password: 'r' },
  agentToken: 't',
});

class Lab {
  readonly clock = new ManualClock();
  found: Credentials | undefined = secret('first');
  accepted: readonly string[] = ['first'];
  reachable = true;
  looks = 0;
  readonly watch: CredentialsWatch;

  constructor() {
    this.watch = new CredentialsWatch(secret('first'), {
      read: () => Promise.resolve(this.found),
      trial: ({ operator }) => Promise.resolve(this.#trial(operator.password)),
      clock: this.clock,
      onChange: () => undefined,
    });
  }

  #trial(password: string): CredentialsTrial {
    if (!this.reachable) return { kind: 'unknown' };
    return this.accepted.includes(password) ? { kind: 'accepted' } : { kind: 'refused', message: 'refused' };
  }

  async look(): Promise<string> {
    await this.clock.advance(10_000);
    await this.watch.refresh();
    return `${this.watch.current.operator.password} ${this.watch.problem === undefined ? 'fine' : 'problem'}`;
  }
}

describe('the passwords in the Secret', () => {
  test('one that MySQL refuses is told and not taken; put back, all is well', async () => {
    const lab = new Lab();
    expect(await lab.look()).toBe('first fine');
    lab.found = secret('wrong');
    expect(await lab.look()).toBe('first problem');
    lab.found = secret('first');
    expect(await lab.look()).toBe('first fine');
  });

  test('one that MySQL knows is taken', async () => {
    const lab = new Lab();
    lab.found = secret('second');
    lab.accepted = ['second'];
    expect(await lab.look()).toBe('second fine');
  });

  test('a Secret that is gone is told; what was in force stays', async () => {
    const lab = new Lab();
    lab.found = undefined;
    expect(await lab.look()).toBe('first problem');
  });

  test('while nobody can be asked nothing is said, and nothing is taken', async () => {
    const lab = new Lab();
    lab.reachable = false;
    lab.found = secret('wrong');
    expect(await lab.look()).toBe('first fine');
    lab.reachable = true;
    expect(await lab.look()).toBe('first problem');
  });
});
