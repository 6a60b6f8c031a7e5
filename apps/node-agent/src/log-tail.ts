import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { GtidSet } from '@pilotfish/gtid';
import { sha256Of } from './files.ts';

/** The end of a binary log that is to be cut off. */
export interface LogTail {
  readonly log: string;
  /** Bytes of its beginning, up to the first transaction. */
  readonly headBytes: number;
  /** Byte from which on it is cut. */
  readonly position: number;
  readonly gtids: GtidSet;
  readonly serverUuid: string;
  readonly reason: string;
}

/** Copies how the log begins and its end into a file of the same name, which mysqlbinlog reads, and reads it back. */
export async function keepTail(
  { log, headBytes, position, gtids }: LogTail,
  directory: string,
): Promise<{ name: string; bytes: number; sha256: string; gtids: string }> {
  const { size } = await stat(log);
  const bytes = headBytes + size - position;
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize < bytes) throw new Error(`no space to save the end of ${log}: ${bytes} bytes needed`);
  const name = basename(log);
  const target = join(directory, name);
  const hash = createHash('sha256');
  await pipeline(
    async function* () {
      for (const range of [
        { start: 0, end: headBytes - 1 },
        { start: position, end: size - 1 },
      ]) {
        for await (const chunk of createReadStream(log, range)) {
          hash.update(chunk as Buffer);
          yield chunk as Buffer;
        }
      }
    },
    createWriteStream(target, { mode: 0o640 }),
  );
  const file = await open(target, 'r');
  await file.sync().finally(() => file.close());
  const sha256 = hash.digest('hex');
  if ((await stat(target)).size !== bytes || (await sha256Of(target)) !== sha256) {
    throw new Error(`the saved end of ${name} differs from the original`);
  }
  return { name, bytes, sha256, gtids: gtids.toString() };
}
