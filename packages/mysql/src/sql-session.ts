import type { Deadline } from './endpoint.ts';
import type { Observation } from './observation.ts';

/** Where statements go: to a server (`MysqlSession`), or on paper (`StatementLog`). */
export interface SqlSession {
  query<Row = Record<string, unknown>>(sql: string, params: readonly unknown[], deadline: Deadline): Promise<Row[]>;
  observe(deadline: Deadline): Promise<Observation>;
  destroy(): void;
}
