import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { decodeRecord, type WriteRecord } from '../load-client/write-record.ts';
import { type Environment, repositoryRoot } from './environment.ts';
import { applicationAccount, type TestCluster } from './test-cluster.ts';
import { waitFor } from './wait-for.ts';

/** Writers of probers are numbered from here, by the ordinal of their instance; those of load clients are below. */
const FIRST_PROBER_CLIENT = 1_000_000;
const FOLLOW_INTERVAL_MS = 500;
const FIRST_ANSWER_TIMEOUT_MS = 30_000;

/**
 * Direct writers at every instance of a cluster: one process for each node, in the node's own network namespace where there is one, so that
 * the instances of a node that is cut off are still tried. What they see acknowledged counts like a client's write.
 */
export class Prober {
  readonly #program: string;
  readonly #cluster: TestCluster;
  readonly #table: string;
  readonly #round: number;
  readonly #processes = new Map<string, ChildProcess>();
  readonly #records: WriteRecord[] = [];
  readonly #answered = new Set<number>();
  #following: Promise<void> = Promise.resolve();
  #stopped = false;

  private constructor(program: string, cluster: TestCluster, table: string, round: number) {
    this.#program = program;
    this.#cluster = cluster;
    this.#table = table;
    this.#round = round;
  }

  /** Returns when every instance has answered it. `round` keeps the ids of two probers of one table apart. */
  static async start(env: Environment, cluster: TestCluster, table: string, round: number): Promise<Prober> {
    const prober = new Prober(env.proberProgram, cluster, table, round);
    const clients = await prober.#follow();
    prober.#following = prober.#keepFollowing();
    await waitFor('every instance to be probed', () => clients.every((client) => prober.#answered.has(client)), {
      timeoutMs: FIRST_ANSWER_TIMEOUT_MS,
      intervalMs: 50,
    }).catch(async (error: unknown) => {
      await prober.stop();
      throw error;
    });
    return prober;
  }

  /** Ends all processes and returns the writes that were acknowledged or have no answer. */
  async stop(): Promise<WriteRecord[]> {
    this.#stopped = true;
    await this.#following;
    await Promise.all([...this.#processes.values()].map(endOf));
    return this.#records;
  }

  async #keepFollowing(): Promise<void> {
    while (!this.#stopped) {
      // The pods' addresses change while the scenario breaks things; a moment of old ones is harmless.
      await this.#follow().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, FOLLOW_INTERVAL_MS));
    }
  }

  /** @returns the writers that there are now */
  async #follow(): Promise<readonly number[]> {
    const byNode = new Map<string, { client: number; host: string }[]>();
    for (const { metadata, spec, status } of await this.#cluster.pods()) {
      const ordinal = Number(metadata.name.split('-').at(-1));
      if (spec.nodeName === undefined || status.podIP === undefined) continue;
      const target = { client: FIRST_PROBER_CLIENT * (this.#round + 1) + ordinal, host: status.podIP };
      byNode.set(spec.nodeName, [...(byNode.get(spec.nodeName) ?? []), target]);
    }
    for (const node of this.#processes.keys()) if (!byNode.has(node)) byNode.set(node, []);
    for (const [node, targets] of byNode) {
      const { user, password, database } = applicationAccount;
      const orders = { table: this.#table, account: { port: 3306, user, password, database }, targets };
      this.#processOf(node).stdin?.write(`${JSON.stringify(orders)}\n`);
    }
    return [...byNode.values()].flat().map(({ client }) => client);
  }

  #take(record: WriteRecord): void {
    this.#answered.add(record.client);
    if (record.outcome !== 'refused') this.#records.push(record);
  }

  #processOf(node: string): ChildProcess {
    const known = this.#processes.get(node);
    if (known !== undefined) return known;
    const namespace = `/run/netns/${node}`;
    const program = [process.execPath, this.#program];
    const [command = '', ...args] = existsSync(namespace) ? ['nsenter', `--net=${namespace}`, ...program] : program;
    const child = spawn(command, args, { cwd: repositoryRoot, stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(decodeRecord(line)));
    this.#processes.set(node, child);
    return child;
  }
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    child.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    child.stdin?.end();
  });
}
