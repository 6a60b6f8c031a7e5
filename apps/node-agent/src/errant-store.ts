import { constants, copyFile, link, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GtidSet } from '@pilotfish/gtid';
import { type MysqlSession, rotateBinaryLog } from '@pilotfish/mysql';
import type { Clock, Logger } from '@pilotfish/service';
import * as z from 'zod';
import { type BinlogContent, binlogContents, chooseBinlogs } from './binlog-contents.ts';
import { isErrno, readIfThere, sha256Of, syncDirectory, writeDurably } from './files.ts';
import { keepTail, type LogTail } from './log-tail.ts';
import type { Paths } from './paths.ts';
import { messageOf } from './refusal.ts';

const manifestSchema = z.object({
  at: z.string(),
  reason: z.string(),
  serverUuid: z.string(),
  gtids: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string(), gtids: z.string() })),
});
type Manifest = z.infer<typeof manifestSchema>;
type KeptFile = Manifest['files'][number];

/** One save, as the agent's state lists it. */
export interface ErrantSave {
  /** ISO 8601. */
  readonly at: string;
  readonly gtids: string;
  readonly bytes: number;
  /** Directory with the binary logs and manifest.json. */
  readonly path: string;
}

const manifestName = 'manifest.json';

/** Binary logs kept aside on the volume before the data that they belong to is replaced. */
export class ErrantStore {
  readonly #paths: Paths;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #saves: readonly ErrantSave[] | undefined;

  constructor(paths: Paths, clock: Clock, logger: Logger) {
    this.#paths = paths;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Keeps the whole binary logs that hold `gtids`; resolves when they are proven to be on the disk. Nothing is done when all of them were
   * kept before: a clone that is tried once more kept them the first time.
   * Rejects with the reason when a part of `gtids` is in no binary log, when these are encrypted, or when space is short.
   */
  async save(session: MysqlSession, gtids: GtidSet, reason: string): Promise<void> {
    if (await this.#isSaved(gtids)) {
      this.#logger.info({ transactions: String(gtids.count()) }, 'errant transactions were saved before');
      return;
    }
    // From here on the logs of interest don't grow.
    await rotateBinaryLog(session, { deadlineMs: 30_000 });
    const { serverUuid, basename, contents } = await binlogContents(session);
    const chosen = chooseBinlogs(contents, gtids, await this.#savedBefore());
    await this.#keepSet({ reason, serverUuid, gtids }, async (directory) => {
      const files: KeptFile[] = [];
      for (const log of chosen) files.push(await this.#keep(join(dirname(basename), log.name), directory, log));
      return files;
    });
  }

  /**
   * Keeps the end of a log that is going to be cut off, as a binary log of its own: how the log begins, and all from `position` on.
   * Resolves when it is proven to be on the disk.
   */
  async saveTail(tail: LogTail): Promise<ErrantSave> {
    const { serverUuid, gtids, reason } = tail;
    return await this.#keepSet({ reason, serverUuid, gtids }, async (directory) => [await keepTail(tail, directory)]);
  }

  /** All complete saves, oldest first. */
  async list(): Promise<readonly ErrantSave[]> {
    this.#saves ??= await this.#read();
    return this.#saves;
  }

  async #keepSet(
    about: { readonly reason: string; readonly serverUuid: string; readonly gtids: GtidSet },
    fill: (directory: string) => Promise<KeptFile[]>,
  ): Promise<ErrantSave> {
    const at = this.#clock.wall().toISOString();
    const path = join(this.#paths.errant, at.replaceAll(':', ''));
    const partial = `${path}.partial`;
    await mkdir(partial, { recursive: true });
    const gtids = about.gtids.toString();
    try {
      const manifest: Manifest = { at, ...about, gtids, files: await fill(partial) };
      await writeDurably(join(partial, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
      await rename(partial, path);
      await syncDirectory(this.#paths.errant);
      await syncDirectory(this.#paths.own);
    } catch (error: unknown) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
    this.#saves = undefined;
    const save = (await this.list()).find((one) => one.path === path);
    if (save === undefined) throw new Error(`what was saved in ${path} can't be read`);
    this.#logger.info(
      { path, bytes: save.bytes, transactions: String(about.gtids.count()) },
      'errant transactions saved',
    );
    return save;
  }

  /** Whether files of saves hold all of these, as their manifests say: somebody may have tidied up. */
  async #isSaved(gtids: GtidSet): Promise<boolean> {
    let missing = gtids;
    for (const { path } of await this.#read()) {
      const { files } = manifestSchema.parse(JSON.parse((await readIfThere(join(path, manifestName))) ?? ''));
      for (const file of files) {
        const held = GtidSet.parse(file.gtids);
        if (missing.intersect(held).isEmpty() || !(await isAsKept(join(path, file.name), file))) continue;
        missing = missing.subtract(held);
      }
    }
    return missing.isEmpty();
  }

  async #savedBefore(): Promise<GtidSet> {
    return GtidSet.unionOf((await this.list()).map(({ gtids }) => GtidSet.parse(gtids)));
  }

  /** A link where that can be (no space, no time), else a copy; then what is there is read back and compared. */
  async #keep(source: string, directory: string, { name, bytes, gtids }: BinlogContent): Promise<KeptFile> {
    const target = join(directory, name);
    try {
      await link(source, target);
    } catch (error: unknown) {
      if (!isErrno(error, 'EXDEV') && !isErrno(error, 'EPERM') && !isErrno(error, 'ENOTSUP')) throw error;
      const { bavail, bsize } = await statfs(directory);
      if (bavail * bsize < bytes)
        throw new Error(`no space to save ${name}: ${bytes} bytes needed, ${bavail * bsize} free`);
      await copyFile(source, target, constants.COPYFILE_FICLONE);
    }
    await syncFile(target);
    const sha256 = await sha256Of(target);
    if ((await stat(target)).size !== bytes || sha256 !== (await sha256Of(source))) {
      throw new Error(`the saved copy of ${name} differs from the original`);
    }
    return { name, bytes, sha256, gtids: gtids.toString() };
  }

  async #read(): Promise<ErrantSave[]> {
    const names = await readdir(this.#paths.errant).catch((error: unknown) => {
      if (isErrno(error, 'ENOENT')) return [];
      throw error;
    });
    const saves: ErrantSave[] = [];
    for (const name of names.filter((one) => !one.endsWith('.partial')).sort()) {
      const path = join(this.#paths.errant, name);
      try {
        const text = await readIfThere(join(path, manifestName));
        if (text === undefined) continue;
        const { at, gtids, files } = manifestSchema.parse(JSON.parse(text));
        saves.push({ at, gtids, bytes: files.reduce((sum, file) => sum + file.bytes, 0), path });
      } catch (error: unknown) {
        this.#logger.warn({ path, detail: messageOf(error) }, 'a saved set of binary logs has no readable manifest');
      }
    }
    return saves;
  }
}

async function isAsKept(path: string, { bytes, sha256 }: KeptFile): Promise<boolean> {
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  return size === bytes && (await sha256Of(path)) === sha256;
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
