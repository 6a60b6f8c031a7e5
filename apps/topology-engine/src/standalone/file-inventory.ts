import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { OrchestratorSettings, ResolvedCluster } from '@pilotfish/api';
import { type Environment, type Logger, messageOf } from '@pilotfish/service';
import { type Hook, plainHooks } from '../hooks/hook.ts';
import type { Credentials, InstanceHost, Inventory, PodFacts } from '../inventory.ts';
import type { PasswordSource } from './inventory-schema.ts';
import { type ListedCluster, type ReadInventory, readInventory } from './read-inventory.ts';

export interface FileInventoryOptions {
  readonly path: string;
  readonly env: Environment;
  readonly logger: Logger;
}

/** Clusters of plain servers, listed in a file. Read again when it changes; what can't be read leaves the last good one in force. */
export class FileInventory implements Inventory {
  readonly #options: FileInventoryOptions;
  #text = '';
  #read: ReadInventory = { clusters: new Map(), settings: {}, meaningless: [], hooks: [] };
  #pods = new Map<string, readonly PodFacts[]>();
  #problem: string | undefined;
  /** Why the passwords of a cluster can't be read, by its key. */
  readonly #passwordProblems = new Map<string, string>();

  private constructor(options: FileInventoryOptions) {
    this.#options = options;
  }

  /** @throws InventoryError, and what reading the file throws */
  static async open(options: FileInventoryOptions): Promise<FileInventory> {
    const inventory = new FileInventory(options);
    inventory.#accept(await readFile(options.path, 'utf8'));
    return inventory;
  }

  keys(): string[] {
    return [...this.#read.clusters.keys()];
  }

  cluster(key: string): ResolvedCluster | undefined {
    return this.#read.clusters.get(key)?.resolved;
  }

  podFacts(key: string): readonly PodFacts[] {
    return this.#pods.get(key) ?? [];
  }

  hostOf(key: string, instance: string): InstanceHost | undefined {
    const listed = this.#read.clusters.get(key)?.listed.instances.find(({ name }) => name === instance);
    return listed && { host: listed.host, port: listed.port };
  }

  /** What holds for all clusters whose own `replication` says nothing else. */
  get settings(): OrchestratorSettings {
    return this.#read.settings;
  }

  get hooks(): readonly Hook[] {
    return [...this.#read.hooks, ...plainHooks(this.#read.settings)];
  }

  /** Undefined while a password can't be read, which is logged once: it is asked for again. */
  async credentials(key: string): Promise<Credentials | undefined> {
    const credentials = this.#read.clusters.get(key)?.listed.credentials;
    if (!credentials) return undefined;
    try {
      const { operator, replication } = credentials;
      const read = {
        operator: { user: operator.user, password: await this.#password(operator.password) },
        replication: { user: replication.user, password: await this.#password(replication.password) },
        agentToken: '',
      };
      this.#passwordProblems.delete(key);
      return read;
    } catch (error: unknown) {
      const problem = messageOf(error);
      if (this.#passwordProblems.get(key) !== problem) {
        this.#options.logger.error({ key, err: problem }, 'a password of this cluster can not be read');
      }
      this.#passwordProblems.set(key, problem);
      return undefined;
    }
  }

  /** Why the file as it is now is not in force, or clusters of it are not looked after; undefined when all is well. */
  get problem(): string | undefined {
    const passwords = this.keys().flatMap((key) => {
      const problem = this.#passwordProblems.get(key);
      return problem === undefined ? [] : [`${key}: a password can not be read: ${problem}`];
    });
    return this.#problem ?? (passwords.length > 0 ? passwords.join('; ') : undefined);
  }

  /** Reads the file again. @returns whether something changed */
  async refresh(): Promise<boolean> {
    try {
      const text = await readFile(this.#options.path, 'utf8');
      if (text === this.#text) return false;
      this.#accept(text);
      this.#options.logger.info({ clusters: this.keys() }, 'inventory read again');
      return true;
    } catch (error: unknown) {
      const problem = messageOf(error);
      if (problem !== this.#problem) {
        this.#options.logger.error({ err: problem }, 'the inventory can not be used; the last good one stays in force');
      }
      this.#problem = problem;
      return false;
    }
  }

  #accept(text: string): void {
    this.#read = readInventory(text, this.#options.path);
    const { clusters, meaningless } = this.#read;
    this.#pods = new Map([...clusters].map(([key, { listed }]) => [key, listed.instances.map(podOf)]));
    this.#text = text;
    this.#problem = undefined;
    if (meaningless.length > 0) this.#options.logger.warn({ meaningless }, 'these settings change nothing here');
  }

  async #password({ env, file }: PasswordSource): Promise<string> {
    const text =
      file === undefined
        ? (this.#options.env[env ?? ''] ?? '')
        : (await readFile(resolve(dirname(this.#options.path), file), 'utf8')).replace(/\r?\n$/, '');
    if (text === '') throw new Error(file === undefined ? `${env ?? ''} is not set` : `${file} is empty`);
    return text;
  }
}

/** A listed server in the place of a pod: another address is another server. */
function podOf(
  { name, host, port, zone, region }: ListedCluster['listed']['instances'][number],
  ordinal: number,
): PodFacts {
  return {
    name,
    uid: `${name}@${host}:${String(port)}`,
    ordinal,
    ip: host,
    mysqlPort: port,
    agentPort: undefined,
    node: '',
    started: true,
    terminating: false,
    serverEnded: false,
    zone,
    region,
    nodeLost: false,
    role: undefined,
  };
}
