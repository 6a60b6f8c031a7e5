import { format } from 'mysql2';
import type { Observation } from './observation.ts';
import type { SqlSession } from './sql-session.ts';

/**
 * Writes statements down instead of sending them, with their values in place. Every wait is over at once and every list is
 * empty, so that code which would have changed a server tells what it would have said to it.
 */
export class StatementLog implements SqlSession {
  readonly #observation: Observation;
  readonly #write: (statement: string) => void;

  /** @param observation what the server is taken to be like */
  constructor(observation: Observation, write: (statement: string) => void) {
    this.#observation = observation;
    this.#write = write;
  }

  query<Row = Record<string, unknown>>(sql: string, params: readonly unknown[]): Promise<Row[]> {
    this.#write(format(sql, [...params] as Parameters<typeof format>[1]).replaceAll(/\s+/g, ' '));
    return Promise.resolve(sql.includes(' AS reached') ? [{ reached: 1 } as Row] : []);
  }

  observe(): Promise<Observation> {
    return Promise.resolve(this.#observation);
  }

  destroy(): void {
    // There is no connection.
  }
}
