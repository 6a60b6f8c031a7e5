import { type Deadline, type Endpoint, MysqlError, MysqlSession } from '@pilotfish/mysql';

/** A connection that is made when it is needed and kept; a broken one is replaced at the next call. */
export class LastingSession {
  readonly #endpoint: Endpoint;
  #session: MysqlSession | undefined;
  #connecting: Promise<MysqlSession> | undefined;
  readonly #ended: () => void;

  /** `ended` is called when a kept connection ends, milliseconds after mysqld does. */
  constructor(endpoint: Endpoint, ended: () => void = () => undefined) {
    this.#endpoint = endpoint;
    this.#ended = ended;
  }

  /** A kept connection that mysqld ended meanwhile is tried once more, freshly. @throws MysqlError */
  async query<Row>(sql: string, params: readonly unknown[], deadline: Deadline): Promise<Row[]> {
    const kept = this.#session;
    if (kept !== undefined && !kept.isClosed) {
      try {
        return await kept.query<Row>(sql, params, deadline);
      } catch (error: unknown) {
        if (MysqlError.from(error).kind !== 'Closed') throw error;
      }
    }
    return await (await this.#connect(deadline)).query<Row>(sql, params, deadline);
  }

  destroy(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  async #connect(deadline: Deadline): Promise<MysqlSession> {
    this.#connecting ??= MysqlSession.connect(this.#endpoint, deadline).finally(() => {
      this.#connecting = undefined;
    });
    const session = await this.#connecting;
    if (this.#session !== session) {
      this.#session = session;
      void session.closed.then(this.#ended);
    }
    return session;
  }
}
