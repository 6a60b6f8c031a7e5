import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mysqlClusterCrd } from '@pilotfish/api/crd';
import { connectKube, type KubeClient, leases } from '@pilotfish/kube';
import { systemClock } from '@pilotfish/service';
import {
  bundledProgram,
  eventually,
  type KubeApi,
  StartedProcess,
  startKubeApi,
  type TempFolder,
  tempFolder,
} from '@pilotfish/testkit';
import { mysqlClusters } from '../kube-inventory.ts';
import { KubeStore } from '../record/kube-store.ts';
import { clusterName, type EngineProgramOptions, key, namespace } from './engine-program-options.ts';
import { MysqlFleet } from './mysql-fleet.ts';

const program = fileURLToPath(new URL('engine-program.ts', import.meta.url));
const lease = { leaseMs: 3_000, renewDeadlineMs: 2_000, retryMs: 400 };
const password = 'engine-password';
const recordPollMs = 100;

/** Real servers, a real API server, and engines as processes of their own that share one cluster. */
export class EngineLab {
  readonly fleet: MysqlFleet;
  readonly api: KubeApi;
  readonly engines = new Map<string, StartedProcess>();
  readonly lease = lease;
  readonly #client: KubeClient;
  readonly #folder: TempFolder;
  readonly #end = new AbortController();
  readonly #reading: Promise<void>;

  private constructor(fleet: MysqlFleet, api: KubeApi, folder: TempFolder) {
    this.fleet = fleet;
    this.api = api;
    this.#folder = folder;
    this.#client = connectKube({ userAgent: 'test', kubeconfig: api.kubeconfig });
    this.#reading = this.#read();
  }

  static async start(count: number): Promise<EngineLab> {
    const [fleet, api, folder] = await Promise.all([
      MysqlFleet.start(count),
      startKubeApi({ crds: [mysqlClusterCrd()] }),
      tempFolder('engine-lab'),
    ]);
    const lab = new EngineLab(fleet, api, folder);
    await bundledProgram(program, lab.#program);
    const metadata = { namespace, name: clusterName };
    await lab.#client.create(mysqlClusters, { metadata, spec: { replicas: count, secretName: 's' } } as never);
    lab.writePods();
    return lab;
  }

  /** Each engine logs in as a user of its own, so that the servers' logs tell who said what. */
  async startEngine(engine: string, at?: EngineProgramOptions['at']): Promise<StartedProcess> {
    for (const name of this.fleet.names) await this.#createUser(name, engine);
    const options: EngineProgramOptions = {
      engine,
      kubeconfig: this.api.kubeconfig,
      credentials: { ...this.fleet.credentials, operator: { user: engine, password } },
      lease,
      podsFile: this.#podsFile,
      ...(at && { at }),
    };
    const started = await StartedProcess.start({
      name: engine,
      command: process.execPath,
      args: [this.#program],
      cwd: this.#folder.path,
      env: { PILOTFISH_TEST_ENGINE: JSON.stringify(options) },
    });
    this.engines.set(engine, started);
    await eventually(async () => (await this.renewals(engine)) !== undefined, {
      deadlineMs: 60_000,
      describe: `${engine} to have a lease: ${started.output()}`,
    });
    return started;
  }

  /** When its lease was renewed last, as it says itself; undefined while it has none. */
  async renewals(engine: string): Promise<string | undefined> {
    const found = await this.#client.find(leases, { namespace, name: `engine-${engine}` }, { deadlineMs: 4_000 });
    return found?.spec?.renewTime;
  }

  get owner(): string {
    return this.fleet.store.topology?.owner?.engine ?? '';
  }

  /** From now on it dies, or stands still, at its step. */
  async arm(engine: string): Promise<void> {
    const started = this.engines.get(engine);
    started?.kill('SIGUSR2');
    await eventually(() => started?.output().includes('"armed"'), { deadlineMs: 10_000, describe: `${engine} armed` });
  }

  /** What the engines are told of the pods, as it is now. */
  writePods(): void {
    writeFileSync(this.#podsFile, JSON.stringify(this.fleet.podFacts()));
  }

  /** Names of the servers that take writes. */
  async writable(): Promise<string[]> {
    const closed = await Promise.all(
      this.fleet.names.map(async (name) => (await this.fleet.query(name, 'SELECT @@global.read_only AS closed'))[0]),
    );
    return this.fleet.names.filter((_, index) => closed[index]?.closed === 0);
  }

  /** All instances follow, nothing is under way. */
  async settled(): Promise<void> {
    await this.fleet.settled(this.fleet.names.length - 1).catch((error: unknown) => {
      throw new Error(`not settled: ${JSON.stringify(this.fleet.store.topology)}\n${this.output()}`, { cause: error });
    });
  }

  /** What the engines that run printed. */
  output(): string {
    const running = [...this.engines.values()].filter((engine) => engine.isRunning);
    return running.map((engine) => engine.output()).join('\n');
  }

  async close(): Promise<void> {
    for (const engine of this.engines.values()) await engine.stop({ signal: 'SIGKILL' });
    this.#end.abort();
    this.api.kill('SIGCONT');
    await this.#reading;
    await this.#client.close();
    await Promise.all([this.fleet.close(), this.api.close()]);
    await this.#folder.remove();
  }

  async isStopped(engine: string): Promise<boolean> {
    const stat = await readFile(`/proc/${String(this.engines.get(engine)?.pid)}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
  }

  get #program(): string {
    return join(this.#folder.path, 'engine.mjs');
  }

  get #podsFile(): string {
    return join(this.#folder.path, 'pods.json');
  }

  /** Beside replication: it is no transaction of the cluster. What is copied or replicated later has it, too. */
  async #createUser(name: string, user: string): Promise<void> {
    await this.fleet.queries(name, [
      'SET @closed = @@global.super_read_only',
      'SET sql_log_bin = OFF',
      'SET GLOBAL super_read_only = OFF',
      `CREATE USER IF NOT EXISTS '${user}' IDENTIFIED BY '${password}'`,
      `GRANT ALL ON *.* TO '${user}' WITH GRANT OPTION`,
      'SET GLOBAL super_read_only = @closed',
    ]);
  }

  /** The fleet's store has what the API server has. */
  async #read(): Promise<void> {
    const store = new KubeStore(this.#client, systemClock);
    const { signal } = this.#end;
    while (!signal.aborted) {
      const topology = await store.read(key).catch(() => undefined);
      if (topology) this.fleet.store.topology = topology;
      await systemClock.sleep(recordPollMs, signal).catch(() => undefined);
    }
  }
}
