import { MysqlError } from '@pilotfish/mysql';
import type { Clock } from '@pilotfish/service';
import type { LastingSession } from './lasting-session.ts';
import type { MysqldView } from './local-mysql.ts';

/** UTC and microseconds, as pt-heartbeat writes it. */
const beatSql = `REPLACE INTO sys_operator.heartbeat (ts, server_id)
  VALUES (DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%f'), @@server_id)`;

/** Of former primaries: one whose clock was ahead would pass for the newest beat until this server's clock is there. */
const othersSql = 'DELETE FROM sys_operator.heartbeat WHERE server_id <> @@server_id';

/**
 * A beat that waits for its acknowledgement is left waiting: giving it up would leave it waiting in the server all the
 * same, and the next one beside it.
 */
const beatDeadlineMs = 600_000;

export type BeatOutcome = 'written' | 'read-only' | 'failed' | 'waiting';

/** Writes the cluster's heartbeat row on a connection of its own, so that a waiting beat holds up nothing else. */
export class Heartbeat {
  readonly #session: Pick<LastingSession, 'query'>;
  readonly #settled: (outcome: BeatOutcome) => void;
  #waiting = false;
  /** Grows whenever another server beats; that a beat is the only one holds for as long as it doesn't. */
  #rests = 0;
  #onlySince: number | undefined;

  constructor(session: Pick<LastingSession, 'query'>, settled: (outcome: BeatOutcome) => void) {
    this.#session = session;
    this.#settled = settled;
  }

  /** Begins a beat unless the last one still waits; never rejects, never blocks. */
  beat(): void {
    if (this.#waiting) {
      this.#settled('waiting');
      return;
    }
    this.#waiting = true;
    void this.#write()
      .then(this.#settled)
      .finally(() => {
        this.#waiting = false;
      });
  }

  /** Another server is the one that beats. */
  rest(): void {
    this.#rests += 1;
  }

  async #write(): Promise<BeatOutcome> {
    const rests = this.#rests;
    try {
      await this.#session.query(beatSql, [], { deadlineMs: beatDeadlineMs });
      if (this.#onlySince !== rests) await this.#session.query(othersSql, [], { deadlineMs: beatDeadlineMs });
      this.#onlySince = rests;
      return 'written';
    } catch (error: unknown) {
      return MysqlError.from(error).kind === 'ReadOnly' ? 'read-only' : 'failed';
    }
  }
}

export interface BeatOptions {
  readonly heartbeat: Heartbeat;
  readonly local: { look(maxAgeMs?: number): Promise<MysqldView> };
  readonly isolation: { readonly lastContactMsAgo: number };
  readonly contacts: { isSolo(): boolean };
  readonly clock: Clock;
}

const intervalMs = 1000;
/** Two looks of the isolation watch. */
const contactLimitMs = 2000;

/**
 * Once a second while this instance is writable. Not while it seems cut off: a beat that nobody acknowledges would be the one
 * transaction that makes this instance diverge.
 */
export async function beatWhileWritable(options: BeatOptions, signal: AbortSignal): Promise<void> {
  const { heartbeat, local, isolation, contacts, clock } = options;
  while (!signal.aborted) {
    const view = await local.look(intervalMs / 2);
    const writable = view.kind === 'answering' && !view.readOnly;
    if (!writable) heartbeat.rest();
    else if (contacts.isSolo() || isolation.lastContactMsAgo <= contactLimitMs) heartbeat.beat();
    await clock.sleep(intervalMs, signal).catch(() => undefined);
  }
}
