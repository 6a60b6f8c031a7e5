import { readFile, statfs } from 'node:fs/promises';

export interface DiskUse {
  readonly totalBytes: number;
  /** For a process that is not root. */
  readonly freeBytes: number;
  /** The kernel turns a failing file system read-only. */
  readonly readOnly: boolean;
}

/** The volume that holds `path`. */
export async function diskUse(path: string): Promise<DiskUse> {
  const [{ bsize, blocks, bavail }, mounts] = await Promise.all([statfs(path), readFile('/proc/self/mounts', 'utf8')]);
  return { totalBytes: bsize * blocks, freeBytes: bsize * bavail, readOnly: isMountedReadOnly(mounts, path) };
}

/** By the mount that covers `path` most closely, the later one of two at the same place. `mounts` as in /proc/self/mounts. */
export function isMountedReadOnly(mounts: string, path: string): boolean {
  let closest: { readonly place: string; readonly options: string } | undefined;
  for (const line of mounts.split('\n')) {
    const [, escaped = '', , options = ''] = line.split(' ');
    const place = escaped.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    const covers = place === '/' || path === place || path.startsWith(`${place}/`);
    if (escaped !== '' && covers && (closest === undefined || place.length >= closest.place.length))
      closest = { place, options };
  }
  return closest?.options.split(',').includes('ro') ?? false;
}
