/**
 * Tries to write directly at some instances, ten times a second each, past every Service: what shows that two servers acknowledge writes.
 * It is started in the network namespace of a node, so that it still reaches the instances of a node that is cut off from everything else.
 * Standard input: lines of JSON with the targets. Standard output: the records of writes that were acknowledged or unknown, and of each
 * instance the first answer, whatever it is.
 */
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { KeptConnections } from '../load-client/kept-connections.ts';
import type { WriteTarget } from '../load-client/write-connection.ts';
import { encodeRecord } from '../load-client/write-record.ts';
import { Writer } from '../load-client/writer.ts';

const orders = z.object({
  table: z.string().regex(/^\w+$/),
  account: z.object({ port: z.number(), user: z.string(), password: z.string(), database: z.string() }),
  targets: z.array(z.object({ client: z.number().int(), host: z.string() })),
});

const stop = new AbortController();
const targets = new Map<number, WriteTarget>();
const writers: Promise<void>[] = [];
/** Refusals are what it gets, ten a second: with a new connection for each it would cost the machine more than the cluster does. */
const connections = new KeptConnections();

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const { table, account, targets: wanted } = orders.parse(JSON.parse(line));
  const known = new Set(wanted.map(({ client }) => client));
  for (const client of targets.keys()) if (!known.has(client)) targets.delete(client);
  for (const { client, host } of wanted) {
    const isNew = !targets.has(client);
    targets.set(client, { ...account, host });
    if (isNew) start(client, table);
  }
});
lines.on('close', () => {
  stop.abort();
  void Promise.all(writers).then(() => connections.close());
});

const started = new Set<number>();

function start(client: number, table: string): void {
  if (started.has(client)) return;
  started.add(client);
  let isFirst = true;
  const writer = new Writer({
    client,
    connections,
    target: () => targets.get(client),
    table,
    intervalMs: 100,
    retryMs: 100,
    record: (record) => {
      if (isFirst || record.outcome !== 'refused') process.stdout.write(`${encodeRecord(record)}\n`);
      isFirst = false;
    },
  });
  writers.push(writer.run(stop.signal));
}
