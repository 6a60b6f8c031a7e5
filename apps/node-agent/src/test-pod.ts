import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Endpoint, MysqlSession } from '@pilotfish/mysql';
import {
  bundledProgram,
  type Exit,
  eventually,
  freePort,
  StartedProcess,
  type TempFolder,
  tempFolder,
  toolPath,
} from '@pilotfish/testkit';
import type { AgentState } from './agent-state.ts';
import { type Paths, pathsIn } from './paths.ts';

export interface TestPodOptions {
  readonly ordinal: number;
  /** Over the environment that the containers have. */
  readonly env?: Readonly<Record<string, string>>;
  /** Lines for my.cnf. */
  readonly settings?: readonly string[];
}

/** Passwords as hard as they get: for option files, for SQL and for a shell. */
export const hardPassword = `a"b'c\\d#e;f g$h\`ö€`;
/** As in the image. */
const nodeFlags = ['--max-old-space-size=48', '--max-semi-space-size=1', '--jitless'];
const appDirectory = fileURLToPath(new URL('..', import.meta.url));
const startDeadlineMs = 120_000;

/**
 * The pod without Kubernetes: directories for its volumes, the real bundle's `init`, the real run-mysqld.sh with a real mysqld
 * and the real bundle's `serve`, as processes of this machine.
 */
export class TestPod {
  readonly paths: Paths;
  readonly port: number;
  readonly name: string;
  readonly #folder: TempFolder;
  readonly #bundle: string;
  readonly #env: Readonly<Record<string, string>>;
  #supervisor: StartedProcess | undefined;
  #agent: StartedProcess | undefined;

  private constructor(folder: TempFolder, bundle: string, port: number, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#bundle = bundle;
    this.port = port;
    this.#env = env;
    this.name = env.MY_POD_NAME ?? '';
    const [conf, data, run] = ['conf', 'data', 'run'].map((name) => join(folder.path, name));
    this.paths = pathsIn({ conf: conf ?? '', data: data ?? '', run: run ?? '' });
  }

  /** Laid out by `init`; nothing runs yet. */
  static async create({ ordinal, env = {}, settings = [] }: TestPodOptions): Promise<TestPod> {
    const folder = await tempFolder('pod');
    const bundle = await bundledProgram(join(appDirectory, 'src/main.ts'), join(folder.path, 'main.mjs'));
    const [port, agentPort] = [await freePort(), await freePort()];
    const name = `c-mysql-${ordinal}`;
    const all = {
      PILOTFISH_CONF_DIR: join(folder.path, 'conf'),
      PILOTFISH_DATA_DIR: join(folder.path, 'data'),
      PILOTFISH_RUN_DIR: join(folder.path, 'run'),
      PILOTFISH_MOUNTED_CONF_DIR: folder.path,
      PILOTFISH_APP_DIR: appDirectory,
      PILOTFISH_AGENT_PORT: String(agentPort),
      PILOTFISH_ISOLATION_TIMEOUT_SECONDS: '300',
      PILOTFISH_MYSQLD: await toolPath('mysqld'),
      MY_NAMESPACE: 'ns',
      MY_POD_NAME: name,
      MY_CLUSTER_NAME: 'c',
      MY_FQDN: '127.0.0.1',
      OPERATOR_USER: 'sys_operator',
      OPERATOR_PASSWORD: hardPassword,
      REPLICATION_USER: 'sys_replication',
      REPLICATION_PASSWORD: 'replication-password',
      METRICS_EXPORTER_USER: 'sys_exporter',
      METRICS_EXPORTER_PASSWORD: 'exporter-password',
      AGENT_TOKEN: 'token',
      MYSQL_ROOT_PASSWORD: hardPassword,
      KUBERNETES_SERVICE_HOST: '',
      ...env,
    };
    const pod = new TestPod(folder, bundle, port, all);
    await writeFile(join(folder.path, 'my.cnf'), myCnf(pod.paths, port, settings));
    const init = await StartedProcess.start({
      name: 'init',
      command: process.execPath,
      args: [bundle, 'init'],
      cwd: '/',
      env: all,
    });
    const { code } = await init.exited;
    if (code !== 0) throw new Error(`init ended with ${String(code)}: ${init.output()}`);
    return pod;
  }

  /** Created, with everything running and the agent answering. */
  static async start(options: TestPodOptions): Promise<TestPod> {
    const pod = await TestPod.create(options);
    await Promise.all([pod.startMysqld(), pod.startAgent()]);
    return pod;
  }

  async startMysqld(): Promise<void> {
    const args = [join(this.paths.conf, 'run-mysqld.sh')];
    this.#supervisor = await StartedProcess.start({
      name: `mysqld of ${this.name}`,
      command: '/bin/sh',
      args,
      cwd: '/',
      env: this.#env,
    });
  }

  async startAgent(): Promise<void> {
    const args = [...nodeFlags, this.#bundle, 'serve'];
    this.#agent = await StartedProcess.start({
      name: `agent of ${this.name}`,
      command: process.execPath,
      args,
      cwd: '/',
      env: this.#env,
    });
    await eventually(async () => (await this.get('/health')).status === 200, {
      deadlineMs: startDeadlineMs,
      describe: 'the agent to answer',
    });
  }

  get agent(): StartedProcess {
    if (this.#agent === undefined) throw new Error('the agent was not started');
    return this.#agent;
  }

  get supervisor(): StartedProcess {
    if (this.#supervisor === undefined) throw new Error('mysqld was not started');
    return this.#supervisor;
  }

  async get(path: string): Promise<{ status: number; body: string }> {
    const headers = path.startsWith('/v1') ? { authorization: 'Bearer token' } : {};
    const response = await fetch(`http://127.0.0.1:${this.#env.PILOTFISH_AGENT_PORT}${path}`, { headers });
    return { status: response.status, body: await response.text() };
  }

  async post(
    path: string,
    body: object,
    { token = 'token', term }: { token?: string; term?: number } = {},
  ): Promise<{ status: number; body: string }> {
    const response = await fetch(`http://127.0.0.1:${this.#env.PILOTFISH_AGENT_PORT}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        ...(term !== undefined && { 'pilotfish-term': String(term) }),
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.text() };
  }

  async state(): Promise<AgentState> {
    return JSON.parse((await this.get('/v1/state')).body) as AgentState;
  }

  /** Polls the state. */
  async until(
    describe: string,
    condition: (state: AgentState) => boolean,
    deadlineMs = startDeadlineMs,
  ): Promise<AgentState> {
    let last: AgentState | undefined;
    try {
      return await eventually(
        async () => {
          last = await this.state();
          return condition(last) && last;
        },
        { deadlineMs, describe },
      );
    } catch (error: unknown) {
      const logs = `${this.#supervisor?.output() ?? ''}\n${this.#agent?.output() ?? ''}`;
      throw new Error(`${describe}: last state ${JSON.stringify(last)}\n${logs}`, { cause: error });
    }
  }

  /** Blank, with accounts, ready to be bootstrapped or cloned. */
  async untilBlank(): Promise<AgentState> {
    return await this.until('a blank instance', ({ provisioning }) => provisioning.phase === 'none');
  }

  async bootstrap(): Promise<void> {
    await this.untilBlank();
    const { status, body } = await this.post('/v1/bootstrap', {});
    if (status !== 200) throw new Error(`bootstrap: ${status} ${body}`);
  }

  get agentPort(): number {
    return Number(this.#env.PILOTFISH_AGENT_PORT);
  }

  get operator(): Endpoint {
    return this.endpoint('sys_operator', hardPassword);
  }

  endpoint(user: string, password: string): Endpoint {
    return { host: '127.0.0.1', port: this.port, user, password };
  }

  /** Runs statements on one connection of the operator's; the rows of the last. */
  async sql<Row = Record<string, unknown>>(...statements: string[]): Promise<Row[]> {
    const session = await MysqlSession.connect(this.operator, { deadlineMs: 10_000 });
    try {
      let rows: Row[] = [];
      for (const statement of statements) rows = await session.query<Row>(statement, [], { deadlineMs: 30_000 });
      return rows;
    } finally {
      session.destroy();
    }
  }

  async mysqldPid(): Promise<number> {
    const { mysqld } = await this.until('mysqld to run', (state) => state.mysqld.pid !== undefined);
    return mysqld.pid ?? 0;
  }

  /** Ends everything at once and removes it. */
  async close(): Promise<void> {
    await this.#agent?.stop({ signal: 'SIGKILL' });
    await this.killSupervisorAndMysqld();
    await this.#folder.remove();
  }

  async killSupervisorAndMysqld(): Promise<Exit | undefined> {
    // Its output ends with mysqld's.
    this.#supervisor?.kill('SIGKILL');
    for (const file of this.paths.pidFiles) {
      const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
      if (!Number.isNaN(pid)) killIfThere(pid);
    }
    return await this.#supervisor?.exited;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It had ended.
  }
}

function myCnf({ conf, data, run, socket }: Paths, port: number, settings: readonly string[]): string {
  return `[mysqld]
${process.getuid?.() === 0 ? 'user=root' : ''}
datadir=${data}
socket=${socket}
pid-file=${join(run, 'mysqld.pid')}
port=${port}
bind-address=127.0.0.1
log-bin=${join(data, 'mysql-bin')}
log-replica-updates=ON
skip-replica-start
gtid-mode=ON
enforce-gtid-consistency=ON
super-read-only=ON
read-only=ON
relay-log-recovery=ON
sync-binlog=1
plugin-load-add=semisync_source.so
plugin-load-add=semisync_replica.so
plugin-load-add=mysql_clone.so
rpl-semi-sync-source-enabled=OFF
rpl-semi-sync-replica-enabled=OFF
rpl-semi-sync-source-timeout=4294967295
replica-net-timeout=4
skip-name-resolve
mysqlx=OFF
innodb-buffer-pool-size=16M
${settings.join('\n')}
!includedir ${join(conf, 'conf.d')}
`;
}
