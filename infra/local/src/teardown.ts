import { killCgroup, removeCgroup } from './cgroup.ts';
import { layout, nodes } from './layout.ts';
import { removeUnmounted } from './mounts.ts';
import { removeNetwork } from './network.ts';
import { cacheDir, runDir } from './paths.ts';
import { runCommand, succeeds } from './run-command.ts';
import type { Steps } from './steps.ts';

/** Removes everything a cluster is made of, from whatever state it is in; what is in the cache stays, unless purged. */
export async function takeDown(steps: Steps, options: { readonly purge: boolean }): Promise<void> {
  const groups = [...nodes.map(({ name }) => name), layout.controlPlaneCgroup];
  await steps.run('Ending all processes', async () => {
    await Promise.all(groups.map(killCgroup));
    await Promise.all(groups.map(removeCgroup));
  });
  await steps.run('Removing the network', removeNetwork);
  await steps.run('Removing volumes and files', async () => {
    await removeUnmounted('/run/pilotfish');
    await removeUnmounted(layout.volumesDir);
    await detachLoopDevices();
    await removeUnmounted(runDir);
  });
  if (options.purge) await steps.run('Removing the cache', async () => await removeUnmounted(cacheDir));
}

/** A loop device goes with its mount, except when that ended in an unusual way. */
async function detachLoopDevices(): Promise<void> {
  const table = await runCommand('losetup', ['--list', '--noheadings', '--output', 'NAME,BACK-FILE']);
  for (const line of table.split('\n')) {
    const [device, file] = line.trim().split(/\s+/);
    if (device !== undefined && file?.startsWith(`${layout.volumesDir}/`))
      await succeeds('losetup', ['--detach', device]);
  }
}
