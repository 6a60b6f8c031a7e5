import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TopologyStatus } from '@pilotfish/api';
import { eventually, freePort, type Mysqld, StartedProcess, type TempFolder, tempFolder } from '@pilotfish/testkit';
import { ApiClient } from './api-client.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

export interface PrepareOptions {
  /** In place of the operator's password. */
  readonly password?: string;
  readonly nats?: string;
  /** What is added to the inventory; its files are in that folder. */
  readonly more?: (folder: string) => string;
}

/** The standalone engine as a process of its own, over real servers on one address. */
export class StandaloneEngine {
  readonly #folder: TempFolder;
  readonly #httpPort: number;
  readonly #nats: string;
  #process: StartedProcess | undefined;

  private constructor(folder: TempFolder, httpPort: number, nats: string) {
    this.#folder = folder;
    this.#httpPort = httpPort;
    this.#nats = nats;
  }

  /** Over the cluster test/db of these servers, and what `more` adds to the inventory. */
  static async prepare(
    servers: readonly Pick<Mysqld, 'port'>[],
    { password = 'root-password', nats = '', more = () => '' }: PrepareOptions = {},
  ): Promise<StandaloneEngine> {
    const folder = await tempFolder('standalone');
    await writeFile(join(folder.path, 'operator'), `${password}\n`);
    await writeFile(join(folder.path, 'servers.yaml'), `clusters:\n${clusterOf('db', servers)}${more(folder.path)}`);
    await mkdir(join(folder.path, 'state'));
    return new StandaloneEngine(folder, await freePort(), nats);
  }

  get folder(): string {
    return this.#folder.path;
  }

  async start(): Promise<void> {
    this.#process = await this.launch();
    await eventually(async () => (await this.get('/readyz')) === 200, {
      deadlineMs: 30_000,
      describe: 'the engine to be ready',
    });
  }

  /** One more process with the same arguments, and these. */
  async launch(...more: readonly string[]): Promise<StartedProcess> {
    const files = { inventory: join(this.#folder.path, 'servers.yaml'), state: join(this.#folder.path, 'state') };
    return await StartedProcess.start({
      name: 'standalone engine',
      command: process.execPath,
      args: [
        'infra/build/program.mjs',
        'apps/topology-engine/src/standalone/main.ts',
        ...['--inventory', files.inventory, '--state', files.state, '--http', `127.0.0.1:${String(this.#httpPort)}`],
        ...['--nats', this.#nats],
        ...more,
      ],
      cwd: repository,
      env: { REPLICATION_PASSWORD: 'replication-password' },
    });
  }

  async kill(): Promise<void> {
    await this.#process?.stop({ signal: 'SIGKILL' });
  }

  async close(): Promise<void> {
    await this.kill();
    await this.#folder.remove();
  }

  /** What it has recorded. */
  async topology(): Promise<TopologyStatus | undefined> {
    const path = join(this.#folder.path, 'state/clusters/test/db.json');
    const text = await readFile(path, 'utf8').catch(() => '{}');
    return (JSON.parse(text) as { topology?: TopologyStatus }).topology;
  }

  /** What it made and keeps. */
  async token(): Promise<string> {
    return (await readFile(join(this.#folder.path, 'state/token'), 'utf8')).trim();
  }

  async api(): Promise<ApiClient> {
    return new ApiClient(this.#httpPort, await this.token());
  }

  async get(path: string): Promise<number> {
    return (await fetch(`${this.url}${path}`)).status;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.#httpPort)}`;
  }

  log(): string {
    return this.#process?.output() ?? '';
  }

  async settled(members: number): Promise<TopologyStatus> {
    let last: TopologyStatus | undefined;
    return await eventually(
      async () => {
        last = await this.topology();
        const attached = last?.instances.filter((instance) => instance.attached).length ?? 0;
        const isSettled =
          last?.writable === true && !last.operation && last.ackSet.members.length === members && last.ackSet.k === 1;
        return isSettled && attached === members + 1 ? last : undefined;
      },
      { deadlineMs: 60_000, describe: `an ack set of ${String(members)}: ${JSON.stringify(last)}\n${this.log()}` },
    );
  }
}

/** A cluster of the namespace `test` as an inventory lists it. */
export function clusterOf(name: string, servers: readonly { readonly port: number }[], operator = 'operator'): string {
  const instances = servers.map(
    ({ port }, index) => `      - { name: ${name}-${String(index)}, host: 127.0.0.1, port: ${String(port)} }`,
  );
  return `  - name: ${name}
    namespace: test
    credentials:
      operator: { user: root, password: { file: ${operator} } }
      replication: { user: sys_replication, password: { env: REPLICATION_PASSWORD } }
    instances:
${instances.join('\n')}
`;
}
