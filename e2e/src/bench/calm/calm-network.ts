import { execFile } from 'node:child_process';
import { readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { eventually, type Mysqld, StartedProcess } from '@pilotfish/testkit';
import type { Place } from '../standalone/engine-process.ts';
import { RelayProcess } from './relay-process.ts';

const run = promisify(execFile);

const serversNet = '10.77.0.0/24';
const gateway = '10.77.1.1';
const engineAddress = '10.77.1.2';

export interface Drops {
  readonly dropped: number;
  readonly passed: number;
}

/**
 * Two network namespaces: this process's, with the servers, and the engine's, with a cable between them. Engine and replicas reach each
 * server at an address of its own, through a relay that can be slow, and over packets that can be lost. Clients go to the servers directly.
 */
export class CalmNetwork {
  readonly #relay: RelayProcess;
  /** Keeps the engine's namespace. */
  readonly #holder: StartedProcess;
  readonly #servers: readonly Mysqld[];

  private constructor(servers: readonly Mysqld[], relay: RelayProcess, holder: StartedProcess) {
    this.#servers = servers;
    this.#relay = relay;
    this.#holder = holder;
  }

  /** Before any server: they listen on this namespace's loopback. */
  static async up(): Promise<void> {
    await ip('link', 'set', 'lo', 'up');
  }

  static async around(servers: readonly Mysqld[]): Promise<CalmNetwork> {
    for (const index of servers.keys()) await ip('address', 'add', `${addressOf(index)}/32`, 'dev', 'lo');
    const holder = await StartedProcess.start({
      name: 'network of the engine',
      command: 'unshare',
      args: ['--net', 'sleep', 'infinity'],
      cwd: '/',
    });
    const pid = String(holder.pid);
    const ours = await readlink('/proc/self/ns/net');
    await eventually(async () => (await readlink(`/proc/${pid}/ns/net`)) !== ours, {
      deadlineMs: 5_000,
      describe: 'a network namespace',
    });
    await ip('link', 'add', 'engine', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pid);
    await ip('address', 'add', `${gateway}/30`, 'dev', 'engine');
    await ip('link', 'set', 'engine', 'up');
    const listen = servers.map(({ port }, index) => ({ host: addressOf(index), port, to: port }));
    const network = new CalmNetwork(servers, await RelayProcess.start(listen), holder);
    for (const args of [
      ['link', 'set', 'lo', 'up'],
      ['address', 'add', `${engineAddress}/30`, 'dev', 'eth0'],
      ['link', 'set', 'eth0', 'up'],
      ['route', 'add', serversNet, 'via', gateway],
    ]) {
      await network.#inEngine('ip', args);
    }
    return network;
  }

  /** What the engine is started by. */
  get prefix(): readonly string[] {
    return ['nsenter', `--net=/proc/${this.#holder.pid}/ns/net`];
  }

  readonly place: Place = (server) => ({ host: addressOf(this.#servers.indexOf(server)), port: server.port });

  /** Each byte between engine and servers, and between servers, arrives so much later. */
  async delay(ms: number): Promise<void> {
    await this.#relay.delay(ms);
  }

  /** Each packet between engine and servers, and between servers, is lost with this probability. Returns how many were. */
  async lose(probability: number): Promise<() => Promise<Drops>> {
    const chance = ['--match', 'statistic', '--mode', 'random', '--probability', String(probability)];
    const toServers = ['--destination', serversNet];
    const toEngine = ['--destination', engineAddress];
    await iptables(run, '--append', 'INPUT', ...toServers, ...chance, '--jump', 'DROP');
    await iptables(run, '--append', 'INPUT', ...toServers, '--jump', 'ACCEPT');
    await iptables(this.#inEngine, '--append', 'INPUT', ...toEngine, ...chance, '--jump', 'DROP');
    await iptables(this.#inEngine, '--append', 'INPUT', ...toEngine, '--jump', 'ACCEPT');
    return async () => {
      const drops = [await dropsIn(run), await dropsIn(this.#inEngine)];
      await iptables(run, '--flush', 'INPUT');
      await iptables(this.#inEngine, '--flush', 'INPUT');
      return sum(drops);
    };
  }

  /** Nothing reaches the engine, and nothing that it sends arrives. Returns what ends that, and says what was dropped. */
  async cutEngineOff(): Promise<() => Promise<Drops>> {
    for (const [chain, way] of Object.entries(chains)) {
      await iptables(this.#inEngine, '--append', chain, way, 'eth0', '--jump', 'DROP');
    }
    return async () => {
      const drops: Drops[] = [];
      for (const chain of Object.keys(chains)) {
        drops.push(await dropsIn(this.#inEngine, chain));
        await iptables(this.#inEngine, '--flush', chain);
      }
      return sum(drops);
    };
  }

  async close(): Promise<void> {
    this.#relay.close();
    await this.#holder.stop({ signal: 'SIGKILL' });
  }

  readonly #inEngine: Runner = async (command, args) => {
    const [enter = '', ...where] = this.prefix;
    return await run(enter, [...where, command, ...args]);
  };
}

const addressOf = (index: number): string => `10.77.0.${index + 1}`;
const chains = { INPUT: '--in-interface', OUTPUT: '--out-interface' } as const;

async function ip(...args: string[]): Promise<void> {
  await run('ip', args);
}

type Runner = (command: string, args: string[]) => Promise<{ readonly stdout: string }>;

async function iptables(runner: Runner, ...args: string[]): Promise<string> {
  return (await runner('iptables', ['--wait', ...args])).stdout;
}

/** Counted by the kernel: packets that a rule of the chain dropped, and those that it let pass. */
async function dropsIn(runner: Runner, chain = 'INPUT'): Promise<Drops> {
  return dropsOf(await iptables(runner, '--list', chain, '--numeric', '--verbose', '--exact'));
}

/** Out of what `iptables --list --verbose --exact` prints. */
export function dropsOf(listing: string): Drops {
  const count = (target: string): number =>
    listing
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[2] === target)
      .reduce((total, [packets]) => total + Number(packets), 0);
  return { dropped: count('DROP'), passed: count('ACCEPT') };
}

const sum = (drops: readonly Drops[]): Drops => ({
  dropped: drops.reduce((total, { dropped }) => total + dropped, 0),
  passed: drops.reduce((total, { passed }) => total + passed, 0),
});
