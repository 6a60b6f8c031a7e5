import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TopologyStatus } from '@pilotfish/api';
import { eventually, freePort, type Mysqld, StartedProcess, type TempFolder, tempFolder } from '@pilotfish/testkit';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

/** The standalone engine as a process of its own, over real servers on one address. */
export class StandaloneEngine {
  readonly #folder: TempFolder;
  readonly #httpPort: number;
  #process: StartedProcess | undefined;

  private constructor(folder: TempFolder, httpPort: number) {
    this.#folder = folder;
    this.#httpPort = httpPort;
  }

  static async prepare(servers: readonly Mysqld[], { password = 'root-password' } = {}): Promise<StandaloneEngine> {
    const folder = await tempFolder('standalone');
    await writeFile(join(folder.path, 'operator'), `${password}\n`);
    await writeFile(join(folder.path, 'servers.yaml'), inventoryOf(servers));
    await mkdir(join(folder.path, 'state'));
    return new StandaloneEngine(folder, await freePort());
  }

  async start(): Promise<void> {
    this.#process = await this.launch();
    await eventually(async () => (await this.get('/readyz')) === 200, {
      deadlineMs: 30_000,
      describe: 'the engine to be ready',
    });
  }

  /** One more process with the same arguments. */
  async launch(): Promise<StartedProcess> {
    const files = { inventory: join(this.#folder.path, 'servers.yaml'), state: join(this.#folder.path, 'state') };
    return await StartedProcess.start({
      name: 'standalone engine',
      command: process.execPath,
      args: [
        'infra/build/program.mjs',
        'apps/topology-engine/src/standalone/main.ts',
        ...['--inventory', files.inventory, '--state', files.state, '--http', `127.0.0.1:${String(this.#httpPort)}`],
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

  async get(path: string): Promise<number> {
    return (await fetch(`http://127.0.0.1:${String(this.#httpPort)}${path}`)).status;
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

function inventoryOf(servers: readonly Mysqld[]): string {
  const instances = servers.map(
    ({ port }, index) => `      - { name: db-${String(index)}, host: 127.0.0.1, port: ${String(port)} }`,
  );
  return `clusters:
  - name: db
    namespace: test
    credentials:
      operator: { user: root, password: { file: operator } }
      replication: { user: sys_replication, password: { env: REPLICATION_PASSWORD } }
    instances:
${instances.join('\n')}
`;
}
