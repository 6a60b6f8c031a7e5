import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readyOrFailed, StartedProcess } from './child-process.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { tempFolder } from './temp-folder.ts';
import { toolPath } from './tool-path.ts';

export interface NatsOptions {
  /** Lines of nats-server's configuration (accounts, users, limits) beside those for port and JetStream. */
  readonly config?: string;
}

export interface NatsServer {
  /** nats://127.0.0.1:<port>, the same after a restart. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Ends the server; its streams stay for the next start. */
  stop(): Promise<void>;
  start(): Promise<void>;
  restart(): Promise<void>;
  /** Ends it for good and removes its folder. Idempotent. */
  close(): Promise<void>;
}

const readyDeadlineMs = 10_000;

/** A nats-server with JetStream on a free port. Starts in about 50 ms. */
export async function startNats({ config = '' }: NatsOptions = {}): Promise<NatsServer> {
  const folder = await tempFolder('nats');
  const port = await freePort();
  const configPath = join(folder.path, 'nats.conf');
  const store = join(folder.path, 'jetstream');
  await writeFile(
    configPath,
    `listen: "127.0.0.1:${port}"\njetstream { store_dir: ${JSON.stringify(store)} }\n${config}\n`,
  );
  const command = await toolPath('natsServer');

  const run = async (): Promise<StartedProcess> => {
    const started = await StartedProcess.start({
      name: `nats-server on ${port}`,
      command,
      args: ['--config', configPath],
      cwd: folder.path,
    });
    await readyOrFailed(
      started,
      async (signal) =>
        await eventually(() => started.output().includes('Server is ready'), {
          deadlineMs: readyDeadlineMs,
          describe: `nats-server on ${port} to be ready`,
          intervalMs: 5,
          signal,
        }),
    );
    return started;
  };

  let current = await run().catch(async (error: unknown) => {
    await folder.remove();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await current.stop();
  };
  const start = async (): Promise<void> => {
    current = await run();
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    get pid() {
      return current.pid;
    },
    kill: (signal) => {
      current.kill(signal);
    },
    stop,
    start,
    restart: async () => {
      await stop();
      await start();
    },
    close: async () => {
      await current.stop({ signal: 'SIGKILL' });
      await folder.remove();
    },
  };
}
