import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.ts';
import { cacheDir } from './paths.ts';

const BUILD_WAIT_MS = 30 * 60_000;

/**
 * The directory of the cache entry `name`-`key`, made by `build` if it isn't there.
 *
 * `build` fills a directory of another name that is renamed when it is complete, so an interrupted build never counts.
 * Two processes that want the same entry build it once.
 */
export async function cached(
  name: string,
  key: string,
  build: (directory: string) => void | Promise<void>,
): Promise<string> {
  const entry = join(cacheDir, `${name}-${key}`);
  if (existsSync(entry)) return entry;
  return await withLock(`${entry}.lock`, { waitMs: BUILD_WAIT_MS }, async () => {
    if (existsSync(entry)) return entry;
    const partial = `${entry}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    await build(partial);
    renameSync(partial, entry);
    return entry;
  });
}

/** A short key for what a cache entry is made from; each part is a text or the content of a file. */
export function cacheKey(...parts: readonly (string | { readonly file: string })[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const content = typeof part === 'string' ? Buffer.from(part) : readFileSync(part.file);
    hash.update(`${content.length}:`).update(content);
  }
  return hash.digest('hex').slice(0, 12);
}
