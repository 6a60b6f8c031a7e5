import { open, stat } from 'node:fs/promises';
import type { Logger } from '@pilotfish/service';
import * as z from 'zod';
import { type Boundary, type Cut, CutFinder } from './binlog/find-cut.ts';
import { binlogPaths } from './binlog/index-file.ts';
import { readHead, readLastTransaction, readTransactions } from './binlog/log-scan.ts';
import type { ErrantStore } from './errant-store.ts';
import { readIfThere, removeDurably, writeDurably } from './files.ts';
import type { Paths } from './paths.ts';
import { messageOf } from './refusal.ts';

const cutMarker = z.object({ log: z.string(), position: z.number(), bytes: z.number(), source: z.string() });
type CutMarker = z.infer<typeof cutMarker>;

/** The log that crash recovery will read. */
interface LastLog {
  readonly path: string;
  /** server_uuid of this server. */
  readonly source: string;
}

export interface UnacknowledgedTailOptions {
  readonly paths: Paths;
  readonly errant: ErrantStore;
  readonly logger: Logger;
}

/**
 * The end of a crashed primary's last binary log: transactions that waited for an acknowledgement. They are in the log, and in
 * InnoDB only prepared: crash recovery commits what it finds in the log and rolls the rest back. So cutting them off before
 * mysqld starts undoes them. All of it works on files, while mysqld does not run.
 */
export class UnacknowledgedTail {
  readonly #options: UnacknowledgedTailOptions;

  constructor(options: UnacknowledgedTailOptions) {
    this.#options = options;
  }

  /**
   * This server's uuid if its last log ends, without an orderly end, in transactions of its own that may be unacknowledged; undefined
   * when mysqld may start as it is. What can't be read is left to mysqld.
   */
  async examine(): Promise<string | undefined> {
    try {
      const log = await this.#lastLog();
      if (log === undefined || !(await readHead(log.path)).inUse) return undefined;
      const last = await readLastTransaction(log.path);
      return last?.id.uuid === log.source && last.nature !== 'other' ? log.source : undefined;
    } catch (error: unknown) {
      this.#options.logger.warn({ detail: messageOf(error) }, 'the last binary log is left as it is');
      return undefined;
    }
  }

  /**
   * Cuts off what others have not received, after saving it. The server takes a new uuid: the numbers that are cut were seen by
   * whoever read the log, and are not given to other transactions.
   * @throws Error when that can't be done; then nothing was changed
   */
  async cut(boundary: Boundary): Promise<Cut> {
    const log = await this.#lastLog();
    if (log?.source !== boundary.source) {
      return { kind: 'refused', reason: `this server is ${log?.source ?? 'without a log'}, not ${boundary.source}` };
    }
    const head = await readHead(log.path);
    const finder = new CutFinder(boundary, head.previous);
    await readTransactions(log.path, (transaction) => finder.take(transaction));
    const cut = finder.result();
    if (cut.kind !== 'cut') return cut;
    const { position, gtids } = cut;
    const reason = 'never acknowledged: cut off the binary log of a primary that crashed';
    await this.#options.errant.saveTail({
      log: log.path,
      headBytes: head.bytes,
      position,
      gtids,
      serverUuid: log.source,
      reason,
    });
    const marker = { log: log.path, position, bytes: (await stat(log.path)).size, source: log.source };
    await writeDurably(this.#options.paths.cutMarker, `${JSON.stringify(marker)}\n`);
    await this.#carryOut(marker);
    return cut;
  }

  /** Ends a cut that an earlier run of the agent began; forgets one that mysqld was started without. */
  async resume(): Promise<void> {
    const { paths, logger } = this.#options;
    const text = await readIfThere(paths.cutMarker);
    if (text === undefined) return;
    const marker = parseMarker(text);
    if (marker !== undefined && (await this.#isAsLeft(marker))) {
      logger.info(marker, 'a cut of the binary log is carried to its end');
      await this.#carryOut(marker);
      return;
    }
    logger.warn({ marker: text }, 'a cut of the binary log is dropped: mysqld has run since');
    await removeDurably(paths.cutMarker);
  }

  /** The uuid first: with the log cut and the uuid kept, the numbers would be given again. Each step may be done twice. */
  async #carryOut({ log, position, source }: CutMarker): Promise<void> {
    const { paths } = this.#options;
    if ((await this.#ownUuid()) === source) await removeDurably(paths.serverUuid);
    const file = await open(log, 'r+');
    try {
      await file.truncate(position);
      await file.sync();
    } finally {
      await file.close();
    }
    await removeDurably(paths.cutMarker);
  }

  /** mysqld begins a new log whenever it starts. */
  async #isAsLeft({ log, position, bytes, source }: CutMarker): Promise<boolean> {
    const uuid = await this.#ownUuid();
    if ((await this.#lastLogPath()) !== log || (uuid !== undefined && uuid !== source)) return false;
    const { size } = await stat(log);
    return size === bytes || size === position;
  }

  async #lastLog(): Promise<LastLog | undefined> {
    const [path, source] = [await this.#lastLogPath(), await this.#ownUuid()];
    return path === undefined || source === undefined ? undefined : { path, source };
  }

  async #lastLogPath(): Promise<string | undefined> {
    return (await binlogPaths(this.#options.paths)).at(-1);
  }

  async #ownUuid(): Promise<string | undefined> {
    const text = await readIfThere(this.#options.paths.serverUuid);
    return /^\s*server-uuid\s*=\s*(\S+)/m.exec(text ?? '')?.[1]?.toLowerCase();
  }
}

function parseMarker(text: string): CutMarker | undefined {
  try {
    return cutMarker.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
