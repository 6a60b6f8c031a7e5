import { createServer } from 'node:http';
import { z } from 'zod';
import type { ListRecord } from './append-record.ts';
import { appendUntil } from './appender.ts';
import { type ReadStatistics, readUntil } from './reader.ts';
import { RecordLog } from './record-log.ts';
import { ServiceConnections } from './service-connections.ts';
import { Writer } from './writer.ts';

const configuration = z.object({
  WRITE_HOST: z.string().min(1),
  READ_HOST: z.string().min(1),
  MYSQL_USER: z.string().min(1),
  MYSQL_PASSWORD: z.string(),
  MYSQL_DATABASE: z.string().min(1),
  WRITE_TABLE: z.string().regex(/^\w+$/),
  LIST_TABLE: z.string().regex(/^\w+$/),
  LISTS: z.coerce.number().int().min(1),
  CLIENTS: z.coerce.number().int().min(1).default(4),
  /** The writers of one load client are numbered from here, so that two runs into one table don't collide. */
  FIRST_CLIENT: z.coerce.number().int().default(0),
  WRITES_PER_SECOND: z.coerce.number().positive().default(100),
  PORT: z.coerce.number().int().default(9000),
});

/** Few, as each changes a row that grows: what they are for is order, not load. */
const APPEND_INTERVAL_MS = 200;
/** Of each of four writers that take turns, so that an outage is measured to some milliseconds. The first retry follows at once. */
const RETRY_MS = 30;

const config = configuration.parse(process.env);
const log = new RecordLog();
const listRecords: ListRecord[] = [];
const reads: ReadStatistics = { succeeded: 0, failed: [], longestGapMs: 0 };
const stop = new AbortController();
const account = {
  port: 3306,
  user: config.MYSQL_USER,
  password: config.MYSQL_PASSWORD,
  database: config.MYSQL_DATABASE,
};

const running = Array.from({ length: config.CLIENTS }, async (_, index) => {
  const connections = new ServiceConnections();
  const intervalMs = (1000 * config.CLIENTS) / config.WRITES_PER_SECOND;
  const writer = new Writer({
    connections,
    client: config.FIRST_CLIENT + index,
    target: () => ({ ...account, host: config.WRITE_HOST }),
    table: config.WRITE_TABLE,
    delayMs: (intervalMs * index) / config.CLIENTS,
    intervalMs,
    retryMs: RETRY_MS,
    firstRetryMs: 0,
    record: (record) => {
      log.add(record);
    },
  });
  await writer.run(stop.signal);
  connections.close();
});
const lists = {
  table: config.LIST_TABLE,
  lists: config.LISTS,
  record: (record: ListRecord) => void listRecords.push(record),
};
for (const client of [0, 1]) {
  const target = { ...account, host: config.WRITE_HOST };
  const name = config.FIRST_CLIENT + client;
  running.push(appendUntil(stop.signal, { ...lists, client: name, target, intervalMs: APPEND_INTERVAL_MS }));
}
running.push(readUntil(stop.signal, { ...lists, target: { ...account, host: config.READ_HOST }, statistics: reads }));
const finished = Promise.all(running);

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://load-client');
  if (url.pathname === '/stop') {
    stop.abort();
    void finished.then(() => response.end(JSON.stringify({ ...log.statistics(), reads })));
  } else if (url.pathname === '/stats') {
    response.end(JSON.stringify({ ...log.statistics(), reads }));
  } else if (url.pathname === '/records') {
    response.end(log.linesFrom(Number(url.searchParams.get('from') ?? 0)));
  } else if (url.pathname === '/lists') {
    response.end(listRecords.map((record) => `${JSON.stringify(record)}\n`).join(''));
  } else {
    response.writeHead(404).end();
  }
});
server.listen(config.PORT);

process.once('SIGTERM', () => {
  stop.abort();
  server.close();
  server.closeAllConnections();
});
