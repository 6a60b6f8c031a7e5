import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@pilotfish/service';
import type { Credentials } from '../inventory.ts';

/** What came of trying credentials; `unknown` when nobody could be asked. */
export type CredentialsTrial =
  | { readonly kind: 'accepted' | 'unknown' }
  | { readonly kind: 'refused'; readonly message: string };

export interface CredentialsWatchOptions {
  /** As the Secret has them now; undefined when it is gone or incomplete. */
  readonly read: () => Promise<Credentials | undefined>;
  readonly trial: (credentials: Credentials) => Promise<CredentialsTrial>;
  readonly clock: Clock;
  readonly onChange: () => void;
}

/** Between two looks at the Secret, milliseconds. */
const lookMs = 10_000;
const troubledLookMs = 2_000;
const awaitedLookMs = 1_000;

/** The first ones, as soon as there are any. Rejects when the signal is aborted. */
export async function awaitCredentials(
  read: CredentialsWatchOptions['read'],
  clock: Clock,
  signal: AbortSignal,
): Promise<Credentials> {
  for (;;) {
    const credentials = await read();
    if (credentials) return credentials;
    await clock.sleep(awaitedLookMs, signal);
  }
}

/**
 * The operator's passwords of one cluster, as its Secret has them. New ones are tried first and taken when MySQL takes them:
 * a wrong value in the Secret is told, and the engine goes on with what works.
 */
export class CredentialsWatch {
  readonly #options: CredentialsWatchOptions;
  #current: Credentials;
  #problem: string | undefined;
  #tried = false;
  #looking = false;
  #lookAt = Number.NEGATIVE_INFINITY;

  constructor(first: Credentials, options: CredentialsWatchOptions) {
    this.#current = first;
    this.#options = options;
  }

  get current(): Credentials {
    return this.#current;
  }

  /** Why what the Secret says can not be used; undefined when all is well or nobody could be asked yet. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Looks if it has not looked lately. Never rejects: a Secret that can not be read now is looked at again. */
  async refresh(): Promise<void> {
    const { clock, onChange } = this.#options;
    if (this.#looking || clock.nowMs() < this.#lookAt) return;
    this.#looking = true;
    const before = { current: this.#current, problem: this.#problem };
    await this.#look().catch(() => undefined);
    this.#looking = false;
    this.#lookAt = clock.nowMs() + (this.#problem === undefined && this.#tried ? lookMs : troubledLookMs);
    if (before.current !== this.#current || before.problem !== this.#problem) onChange();
  }

  async #look(): Promise<void> {
    const found = await this.#options.read();
    if (!found) {
      this.#problem = 'it is missing or lacks a key; restore it, and nothing else has to be done';
      return;
    }
    const isSame = isDeepStrictEqual(found, this.#current);
    if (isSame && this.#tried && this.#problem === undefined) return;
    const trial = await this.#options.trial(found);
    if (trial.kind === 'unknown') return;
    this.#tried = true;
    this.#problem = trial.kind === 'refused' ? trial.message : undefined;
    if (trial.kind === 'accepted' && !isSame) this.#current = found;
  }
}
