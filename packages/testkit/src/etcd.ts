import { join } from 'node:path';
import { readyOrFailed, StartedProcess } from './child-process.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { toolPath } from './tool-path.ts';

export interface Etcd {
  readonly url: string;
  readonly process: StartedProcess;
}

const readyDeadlineMs = 20_000;

/** One etcd without fsync, its data in the folder. */
export async function startEtcd(folder: string): Promise<Etcd> {
  const [url, peerUrl] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
  const started = await StartedProcess.start({
    name: `etcd at ${url}`,
    command: await toolPath('etcd'),
    args: [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      // It elects itself; there is nobody to wait for.
      '--heartbeat-interval=20',
      '--election-timeout=200',
      '--unsafe-no-fsync',
    ],
    cwd: folder,
  });
  await readyOrFailed(
    started,
    async (signal) =>
      await eventually(() => started.output().includes('ready to serve client requests'), {
        deadlineMs: readyDeadlineMs,
        describe: `etcd at ${url} to be ready`,
        signal,
      }),
  );
  return { url, process: started };
}
