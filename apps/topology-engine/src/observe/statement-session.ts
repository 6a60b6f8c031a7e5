import {
  type Deadline,
  type Endpoint,
  endSessions,
  MysqlSession,
  type Observation,
  type SqlSession,
} from '@pilotfish/mysql';
import type { Tenure } from '../tenure.ts';

/** The connection attribute that names the owner on whose behalf a session was opened. */
const attribute = 'pilotfish_owner';

/**
 * A session for statements that change something, as good as its engine's claim to the cluster.
 *
 * After the login the record is asked once more whose the cluster is: an owner that comes later finds this session, and ends it before
 * it says or sees anything here; one that came before leaves it unused. So of two engines all statements of the former come
 * before all those of the latter, however long either of them stood still and whatever its clock says. The lease is looked at before each
 * statement besides: then the former stops by itself, before the latter may begin.
 */
export class StatementSession implements SqlSession {
  readonly #session: MysqlSession;
  readonly #tenure: Tenure;

  private constructor(session: MysqlSession, tenure: Tenure) {
    this.#session = session;
    this.#tenure = tenure;
  }

  /** @throws MysqlError, OutrunError */
  static async open(endpoint: Endpoint, tenure: Tenure, deadline: Deadline): Promise<StatementSession> {
    tenure.check();
    const attributes = { [attribute]: tenure.name };
    const session = await MysqlSession.connect({ ...endpoint, attributes }, deadline);
    try {
      await tenure.confirm();
      await endSessions(session, { attribute, except: tenure.name }, deadline);
      return new StatementSession(session, tenure);
    } catch (error: unknown) {
      session.destroy();
      throw error;
    }
  }

  get isClosed(): boolean {
    return this.#session.isClosed;
  }

  async query<Row = Record<string, unknown>>(
    sql: string,
    params: readonly unknown[],
    deadline: Deadline,
  ): Promise<Row[]> {
    this.#tenure.check();
    return await this.#session.query<Row>(sql, params, deadline);
  }

  /** Changes nothing, so anybody may. */
  async observe(deadline: Deadline): Promise<Observation> {
    return await this.#session.observe(deadline);
  }

  destroy(): void {
    this.#session.destroy();
  }
}
