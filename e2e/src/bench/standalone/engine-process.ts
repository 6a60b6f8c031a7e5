import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually, freePort, type Mysqld, StartedProcess, type TempFolder, tempFolder } from '@pilotfish/testkit';
import { stringify } from 'yaml';
import { z } from 'zod';

const app = fileURLToPath(new URL('../../../../apps/topology-engine', import.meta.url));
/** As in the image. */
const nodeOptions = ['--max-old-space-size=576', '--max-semi-space-size=2', '--v8-pool-size=1'];

const recorded = z.object({
  primary: z.string(),
  epoch: z.number(),
  writable: z.boolean(),
  ackSet: z.object({ members: z.array(z.string()), k: z.number() }),
  operation: z.unknown().optional(),
  instances: z.array(z.object({ name: z.string(), state: z.string(), attached: z.boolean(), readOnly: z.boolean() })),
});
const ran = z.object({ state: z.enum(['succeeded', 'failed']), message: z.string().default('') });

export type Recorded = z.infer<typeof recorded>;

/** Servers that make a cluster, by name. */
export type ListedCluster = ReadonlyMap<string, Mysqld>;

/** Where the engine and the other servers reach a server. */
export type Place = (server: Mysqld) => { readonly host: string; readonly port: number };

export interface EngineOptions {
  readonly place?: Place;
  /** What the process is started by, such as a command that puts it into a network of its own. */
  readonly prefix?: readonly string[];
  /** HOST:PORT of its API; any port of 127.0.0.1 unless given. */
  readonly http?: string;
  readonly logLevel?: 'info' | 'debug';
}

/** The standalone engine as in its image: bundled, a process of its own, an inventory file, a state directory. */
export class EngineProcess {
  readonly #folder: TempFolder;
  readonly #clusters: ReadonlyMap<string, ListedCluster>;
  readonly #process: StartedProcess;
  readonly #http: string;

  private constructor(
    folder: TempFolder,
    clusters: ReadonlyMap<string, ListedCluster>,
    { process, http }: { readonly process: StartedProcess; readonly http: string },
  ) {
    this.#folder = folder;
    this.#clusters = clusters;
    this.#process = process;
    this.#http = http;
  }

  static async start(
    clusters: ReadonlyMap<string, ListedCluster>,
    {
      place = (server) => ({ host: '127.0.0.1', port: server.port }),
      prefix = [],
      http = '',
      logLevel = 'info',
    }: EngineOptions = {},
  ): Promise<EngineProcess> {
    const bundle = ['../../infra/build/bundle.mjs', 'standalone=src/standalone/main.ts'];
    await promisify(execFile)(process.execPath, bundle, { cwd: app });
    const folder = await tempFolder('bench');
    await mkdir(join(folder.path, 'state'));
    await writeFile(join(folder.path, 'servers.yaml'), inventory(clusters, place));
    const address = http === '' ? `127.0.0.1:${await freePort()}` : http;
    const [command, ...before] = [...prefix, process.execPath];
    const child = await StartedProcess.start({
      name: 'standalone engine',
      command,
      args: [
        ...before,
        ...[...nodeOptions, 'dist/standalone.js'],
        ...['--inventory', join(folder.path, 'servers.yaml'), '--state', join(folder.path, 'state')],
        ...['--http', address, '--log-level', logLevel],
      ],
      cwd: app,
      env: { MALLOC_ARENA_MAX: '1', OPERATOR_PASSWORD: 'root-password', REPLICATION_PASSWORD: 'replication-password' },
    });
    return new EngineProcess(folder, clusters, { process: child, http: address });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** The last lines it logged. */
  log(): string {
    return this.#process.output();
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /**
   * Gives an order by its API, and waits until it is carried out.
   * @returns why it was given up, if it was
   * @throws when it is refused
   */
  async order(cluster: string, operation: string, params: object): Promise<string | undefined> {
    const token = await readFile(join(this.#folder.path, 'state/token'), 'utf8');
    const answer = await fetch(`http://${this.#http}/api/v1/clusters/bench/${cluster}/${operation}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.trim()}`, 'content-type': 'application/json', prefer: 'wait=60' },
      body: JSON.stringify(params),
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${operation} of ${cluster}: ${text}`);
    const { state, message } = ran.parse(JSON.parse(text));
    return state === 'failed' ? message : undefined;
  }

  async recorded(cluster: string): Promise<Recorded | undefined> {
    const path = join(this.#folder.path, 'state/clusters/bench', `${cluster}.json`);
    const text = await readFile(path, 'utf8').catch(() => '{}');
    return z.object({ topology: recorded.optional() }).parse(JSON.parse(text)).topology;
  }

  /** Its decisions, one JSON object a line. */
  async journal(): Promise<string> {
    return await readFile(join(this.#folder.path, 'state/journal.jsonl'), 'utf8');
  }

  /** Waits until all servers of a cluster follow its primary and acknowledge for it. */
  async settled(cluster: string, deadlineMs = 90_000): Promise<Recorded> {
    const size = this.#clusters.get(cluster)?.size ?? 0;
    let last: Recorded | undefined;
    return await eventually(
      async () => {
        last = await this.recorded(cluster);
        const attached = last?.instances.filter((instance) => instance.attached).length;
        const isSettled = last?.writable === true && last.operation === undefined && attached === size;
        return isSettled && last?.ackSet.members.length === size - 1 && last.ackSet.k > 0 ? last : undefined;
      },
      { deadlineMs, describe: `all of ${cluster} to follow: ${this.log().slice(-2_000)}`, intervalMs: 100 },
    );
  }

  async close(): Promise<void> {
    await this.#process.stop();
    await this.#folder.remove();
  }
}

function inventory(clusters: ReadonlyMap<string, ListedCluster>, place: Place): string {
  const account = (user: string, env: string) => ({ user, password: { env } });
  return stringify({
    clusters: [...clusters].map(([name, servers]) => ({
      name,
      namespace: 'bench',
      credentials: {
        operator: account('root', 'OPERATOR_PASSWORD'),
        replication: account('sys_replication', 'REPLICATION_PASSWORD'),
      },
      instances: [...servers].map(([instance, server]) => ({ name: instance, ...place(server) })),
    })),
  });
}
