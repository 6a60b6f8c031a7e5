import { readFileSync } from 'node:fs';
import { runCommand, succeeds } from './run-command.ts';

/** The mount points in this directory, deepest first. */
function mountsBelow(directory: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .map((path) => path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((path) => path === directory || path.startsWith(`${directory}/`))
    .reverse();
}

/** Unmounts everything in the directory, at once even if a process still uses it; returns how many mounts those were. */
export async function unmountBelow(directory: string): Promise<number> {
  const found = mountsBelow(directory);
  for (const path of found) await succeeds('umount', ['--lazy', path]);
  const left = mountsBelow(directory);
  if (left.length > 0) throw new Error(`Can't unmount ${left.join(', ')}`);
  return found.length;
}

/** Removes the directory with all it contains, but nothing that is mounted in it. */
export async function removeUnmounted(directory: string): Promise<void> {
  await unmountBelow(directory);
  await runCommand('rm', ['-rf', '--one-file-system', directory]);
}
