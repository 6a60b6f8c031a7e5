import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { ListRecord } from './append-record.ts';
import { listDigest } from './list-digest.ts';
import { timestampMs } from './timestamp.ts';
import { WriteConnection, type WriteTarget } from './write-connection.ts';

export interface AppenderOptions {
  /** Part of each value, so that no two appenders append the same. */
  readonly client: number;
  readonly target: WriteTarget;
  /** Table with the columns list and items; its lists are numbered from 0. */
  readonly table: string;
  readonly lists: number;
  readonly intervalMs: number;
  readonly record: (record: ListRecord) => void;
}

const TAIL = 60;
const rows = z.tuple([z.object({ items: z.string() })]);

/**
 * Appends values to lists, each list a text in one row, and reads the list back after each: what a list shows once it must show for
 * ever, in this order. An insert that is lost may go unnoticed by another insert; an append to a list that forked is not.
 */
export async function appendUntil(signal: AbortSignal, options: AppenderOptions): Promise<void> {
  const { client, target, table, lists, intervalMs, record } = options;
  let connection: WriteConnection | undefined;
  for (let seq = 0; !signal.aborted; seq += 1) {
    const list = seq % lists;
    try {
      if (connection?.open !== true) connection = await WriteConnection.open(target);
      await appendAndRead(connection, table, list, `${client}.${seq}`, record);
    } catch {
      // No connection, or no answer to the read: nothing was learnt.
      connection?.close();
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
  }
  connection?.close();
}

async function appendAndRead(
  connection: WriteConnection,
  table: string,
  list: number,
  value: string,
  record: (record: ListRecord) => void,
): Promise<void> {
  const { server } = connection;
  const sql = `UPDATE ${table} SET items = CONCAT(items, ?) WHERE list = ?`;
  const { outcome, error } = await connection.write(sql, [`${value},`, list]);
  record({ kind: 'append', list, value, outcome, server, error, atMs: timestampMs() });
  if (outcome === 'refused') connection.close();
  if (connection.open) record(await readList(connection, table, list));
}

/** Reads one list. Throws when it can't. */
export async function readList(connection: WriteConnection, table: string, list: number): Promise<ListRecord> {
  const answer = await connection.read(`SELECT items FROM ${table} WHERE list = ?`, [list]);
  const [{ items }] = rows.parse(answer);
  const { server } = connection;
  const seen = { length: items.length, digest: listDigest(items), tail: items.slice(-TAIL) };
  return { kind: 'reading', list, server, atMs: timestampMs(), ...seen };
}
