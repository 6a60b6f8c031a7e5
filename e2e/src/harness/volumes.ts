import { execFile } from 'node:child_process';
import { rmSync, statfsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Pod } from './kube-objects.ts';
import { pathInPod } from './pod-processes.ts';

const run = promisify(execFile);
const DATA = '/var/lib/mysql';
const BALLAST = 'e2e-ballast';

/** A spec whose volumes are as small as the file system allows, so that filling one takes a moment only. */
export const smallVolumes = {
  volumeSpec: {
    persistentVolumeClaim: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '400Mi' } } },
  },
} as const;

/** Fills the volume of an instance to the last byte. Returns what makes room again. */
export async function fillVolume({ metadata }: Pod): Promise<() => void> {
  const folder = pathInPod(metadata.uid, DATA);
  const { bavail, bsize } = statfsSync(folder);
  // All but the last blocks in one go, then the rest byte by byte until the file system refuses.
  const megabytes = Math.floor((bavail * bsize) / 1_048_576);
  const file = `${folder}/${BALLAST}`;
  await dd(`of=${file}`, 'bs=1M', `count=${megabytes + 8}`);
  await dd(`of=${file}`, 'bs=4k', 'count=100000', 'oflag=append');
  return () => {
    rmSync(`${pathInPod(metadata.uid, DATA)}/${BALLAST}`, { force: true });
  };
}

/** Removes everything that an instance has in its data directory, as a slip of the hand would. */
export async function deleteData({ metadata }: Pod): Promise<void> {
  await run('find', [`${pathInPod(metadata.uid, DATA)}/`, '-mindepth', '1', '-delete']).catch(() => undefined);
}

/** Fails when there is no more room, which is what it is for. */
async function dd(...args: string[]): Promise<void> {
  await run('dd', ['if=/dev/zero', 'conv=notrunc', ...args]).catch(() => undefined);
}
