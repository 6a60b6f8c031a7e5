import { type Endpoint, MysqlError, MysqlSession } from '@pilotfish/mysql';
import type { Clock } from '@pilotfish/service';
import { LastingSession } from './lasting-session.ts';

/**
 * What the mysqld beside us says of itself.
 * - answering: it runs and logs us in.
 * - denied: it runs and does not know our account (it was just initialised), or the password is another one.
 * - silent: something holds the socket and doesn't answer within a second (`hangs`: hung, stopped, or far too busy), or has no
 *   connection left for us.
 * - absent: nothing listens: it does not run, or is in crash recovery.
 */
export type MysqldView =
  | { readonly kind: 'answering'; readonly readOnly: boolean; readonly superReadOnly: boolean }
  | { readonly kind: 'silent'; readonly reason: string; readonly hangs: boolean }
  | { readonly kind: 'denied' | 'absent'; readonly reason: string };

const lookSql = 'SELECT @@GLOBAL.read_only AS readOnly, @@GLOBAL.super_read_only AS superReadOnly';
export const lookDeadlineMs = 1000;

/** The agent's way into mysqld: one lasting connection over the unix socket for looks, further ones for work. */
export class LocalMysql {
  readonly operator: Endpoint;
  readonly #clock: Clock;
  readonly #looking: LastingSession;
  #latest: { readonly view: MysqldView; readonly atMs: number } | undefined;
  #look: Promise<MysqldView> | undefined;
  #silentSinceMs: number | undefined;

  /** `ended` is called when mysqld ends, as far as its connections tell. */
  constructor(operator: Endpoint, clock: Clock, ended: () => void = () => undefined) {
    this.operator = operator;
    this.#clock = clock;
    // What mysqld said is no longer true when it ends.
    this.#looking = new LastingSession(operator, () => {
      this.forget();
      ended();
    });
  }

  /** The present state, or one at most `maxAgeMs` old. Answers within about a second, whatever mysqld does. */
  async look(maxAgeMs = 0): Promise<MysqldView> {
    const latest = this.#latest;
    if (latest !== undefined && this.#clock.nowMs() - latest.atMs <= maxAgeMs) return latest.view;
    this.#look ??= this.#lookNow().finally(() => {
      this.#look = undefined;
    });
    return await this.#look;
  }

  /** Since when looks have got no answer, in milliseconds ago; 0 when the last one did. Looks are taken every second. */
  get hungMs(): number {
    return this.#silentSinceMs === undefined ? 0 : Math.round(this.#clock.nowMs() - this.#silentSinceMs);
  }

  /** What was seen is no longer so: the next look asks. */
  forget(): void {
    this.#latest = undefined;
  }

  /** Closes the server. @throws MysqlError, Timeout when commits that wait hold it up */
  async close(deadlineMs: number): Promise<void> {
    await this.#looking.query('SET GLOBAL super_read_only = ON', [], { deadlineMs });
    this.forget();
  }

  /** Runs `work` on a connection of its own, as the operator unless told otherwise. */
  async withSession<T>(work: (session: MysqlSession) => Promise<T>, endpoint = this.operator): Promise<T> {
    const session = await MysqlSession.connect(endpoint, { deadlineMs: 5000 });
    try {
      return await work(session);
    } finally {
      session.destroy();
    }
  }

  destroy(): void {
    this.#looking.destroy();
  }

  async #lookNow(): Promise<MysqldView> {
    const askedMs = this.#clock.nowMs();
    const view = await this.#ask();
    this.#silentSinceMs = view.kind === 'silent' && view.hangs ? (this.#silentSinceMs ?? askedMs) : undefined;
    this.#latest = { view, atMs: this.#clock.nowMs() };
    return view;
  }

  async #ask(): Promise<MysqldView> {
    try {
      const rows = await this.#looking.query<{ readOnly: number; superReadOnly: number }>(lookSql, [], {
        deadlineMs: lookDeadlineMs,
      });
      return { kind: 'answering', readOnly: rows[0]?.readOnly === 1, superReadOnly: rows[0]?.superReadOnly === 1 };
    } catch (error: unknown) {
      return viewOf(MysqlError.from(error));
    }
  }
}

function viewOf({ kind, message: reason }: MysqlError): MysqldView {
  switch (kind) {
    case 'AuthFailed':
      return { kind: 'denied', reason };
    case 'Timeout':
      return { kind: 'silent', reason, hangs: true };
    case 'TooManyConnections':
      return { kind: 'silent', reason, hangs: false };
    case 'Unreachable':
    case 'Refused':
    case 'Closed':
    case 'Unsupported':
    case 'Protocol':
    case 'ReadOnly':
    case 'Sql':
      return { kind: 'absent', reason };
    default:
      return kind satisfies never;
  }
}
