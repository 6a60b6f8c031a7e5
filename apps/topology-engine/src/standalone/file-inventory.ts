import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ResolvedCluster } from '@pilotfish/api';
import { type Environment, type Logger, messageOf } from '@pilotfish/service';
import type { Credentials, Inventory, PodFacts } from '../inventory.ts';
import type { PasswordSource } from './inventory-schema.ts';
import { type ListedCluster, readInventory } from './read-inventory.ts';

export interface FileInventoryOptions {
  readonly path: string;
  readonly env: Environment;
  readonly logger: Logger;
}

/** Clusters of plain servers, listed in a file. Read again when it changes; what can't be read leaves the last good one in force. */
export class FileInventory implements Inventory {
  readonly #options: FileInventoryOptions;
  #text = '';
  #clusters: ReadonlyMap<string, ListedCluster> = new Map();
  #pods = new Map<string, readonly PodFacts[]>();
  #problem: string | undefined;

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
    return [...this.#clusters.keys()];
  }

  cluster(key: string): ResolvedCluster | undefined {
    return this.#clusters.get(key)?.resolved;
  }

  podFacts(key: string): readonly PodFacts[] {
    return this.#pods.get(key) ?? [];
  }

  /** Undefined while a password can't be read, which is logged: it is asked for again. */
  async credentials(key: string): Promise<Credentials | undefined> {
    const credentials = this.#clusters.get(key)?.listed.credentials;
    if (!credentials) return undefined;
    try {
      const { operator, replication } = credentials;
      return {
        operator: { user: operator.user, password: await this.#read(operator.password) },
        replication: { user: replication.user, password: await this.#read(replication.password) },
        agentToken: '',
      };
    } catch (error: unknown) {
      this.#options.logger.error({ key, err: messageOf(error) }, 'a password of this cluster can not be read');
      return undefined;
    }
  }

  /** Why the file as it is now is not in force; undefined when it is. */
  get problem(): string | undefined {
    return this.#problem;
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
    this.#clusters = readInventory(text, this.#options.path);
    this.#pods = new Map([...this.#clusters].map(([key, { listed }]) => [key, listed.instances.map(podOf)]));
    this.#text = text;
    this.#problem = undefined;
  }

  async #read({ env, file }: PasswordSource): Promise<string> {
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
