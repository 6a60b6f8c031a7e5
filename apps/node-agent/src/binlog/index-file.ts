import { resolve } from 'node:path';
import { readIfThere } from '../files.ts';
import type { Paths } from '../paths.ts';

/** The binary logs of this server, oldest first; none when there is no index. */
export async function binlogPaths({ binlogIndex, data }: Pick<Paths, 'binlogIndex' | 'data'>): Promise<string[]> {
  const text = (await readIfThere(binlogIndex)) ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => resolve(data, line));
}
