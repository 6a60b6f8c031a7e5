import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from './errno.ts';
import { waitUntil } from './wait-until.ts';

const CGROUP_ROOT = '/sys/fs/cgroup';

/**
 * Cgroups of version 1: a group of one name in every controller's tree. (The unified tree beside them has no controllers
 * and isn't used.)
 */
function controllers(): string[] {
  const names = readdirSync(CGROUP_ROOT).filter((name) => name !== 'unified');
  if (!names.includes('pids'))
    throw new Error(`${CGROUP_ROOT} isn't of version 1: boot with systemd.unified_cgroup_hierarchy=0`);
  return names;
}

/** The folders of the group in every tree, made where they are missing; `name` may be a path below the root. */
export function ensureCgroup(name: string): string[] {
  return controllers().map((controller) => {
    const folder = join(CGROUP_ROOT, controller, name);
    mkdirSync(folder, { recursive: true });
    if (controller === 'cpuset') copyCpuset(name);
    return folder;
  });
}

/** Gives the group, of which another has 1, this share of the processors while both want them. */
export function weighCgroup(name: string, share: number): void {
  writeFileSync(join(CGROUP_ROOT, 'cpu', name, 'cpu.shares'), String(Math.round(1_024 * share)));
}

/** A new group of this controller has no processors and no memory, and takes no process, until it is given some. */
function copyCpuset(name: string): void {
  let folder = join(CGROUP_ROOT, 'cpuset');
  for (const part of name.split('/')) {
    const parent = folder;
    folder = join(folder, part);
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      writeFileSync(join(folder, file), readFileSync(join(parent, file)));
  }
}

/** Kills every process of the group and of all groups below it at one moment: none has the time to react to the end of another. */
export async function killCgroup(name: string): Promise<void> {
  const freezer = join(CGROUP_ROOT, 'freezer', name);
  if (!existsSync(freezer)) return;
  writeFileSync(join(freezer, 'freezer.state'), 'FROZEN');
  try {
    await waitUntil(`the processes of ${name} stand still`, 5_000, () => {
      // What starts while the rest is frozen is frozen by asking again.
      writeFileSync(join(freezer, 'freezer.state'), 'FROZEN');
      return readFileSync(join(freezer, 'freezer.state'), 'utf8').trim() === 'FROZEN';
    });
    for (const pid of processesOf(name)) kill(pid);
  } finally {
    thaw(freezer);
  }
  await waitUntil(`the processes of ${name} are gone`, 20_000, () => {
    const pids = processesOf(name);
    for (const pid of pids) kill(pid);
    return pids.length === 0;
  });
}

/** Removes the group, which must be empty, with all groups below it. */
export async function removeCgroup(name: string): Promise<void> {
  // runc leaves groups in the unified tree, too.
  for (const controller of [...controllers(), 'unified']) {
    const folder = join(CGROUP_ROOT, controller, name);
    await waitUntil(`the cgroup ${folder} is empty`, 10_000, () => removeTree(folder));
  }
}

/** The processes of the group and of all groups below it. */
export function processesOf(name: string): number[] {
  return subtree(join(CGROUP_ROOT, 'pids', name)).flatMap((folder) => {
    try {
      return readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    } catch (error) {
      if (isErrno(error, 'ENOENT') || isErrno(error, 'ENODEV')) return [];
      throw error;
    }
  });
}

/** Thaws the group and every group below it; a fault may have frozen one of a pod. */
function thaw(folder: string): void {
  for (const each of subtree(folder).reverse()) {
    try {
      writeFileSync(join(each, 'freezer.state'), 'THAWED');
    } catch (error) {
      if (!isErrno(error, 'ENOENT') && !isErrno(error, 'ENODEV')) throw error;
    }
  }
}

/** The folder and all below it, deepest first. */
function subtree(folder: string): string[] {
  try {
    const children = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...children.flatMap((entry) => subtree(join(folder, entry.name))), folder];
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

function removeTree(folder: string): boolean {
  try {
    for (const each of subtree(folder)) rmdirSync(each);
    return true;
  } catch (error) {
    if (isErrno(error, 'EBUSY') || isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
