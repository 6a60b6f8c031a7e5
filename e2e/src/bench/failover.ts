import { loadavg } from 'node:os';
import { eventually, type Mysqld } from '@pilotfish/testkit';
import { compareWithTable } from '../analysis/losses.ts';
import { twoWritableMs } from '../analysis/two-writable.ts';
import { observeFor } from '../harness/observe.ts';
import { timestampMs } from '../load-client/timestamp.ts';
import type { WriteRecord } from '../load-client/write-record.ts';
import { Writer } from '../load-client/writer.ts';
import { cloneOver, makeTable, rowsOf, startServers, untilCaughtUp } from './standalone/bench-servers.ts';
import { EngineProcess } from './standalone/engine-process.ts';
import { type Phase, phases, phasesOf } from './standalone/plan-phases.ts';
import { ReadyConnections, targetOf } from './standalone/ready-connections.ts';
import { WritableFinder } from './standalone/writable-finder.ts';

export const faults = ['kill', 'hang', 'switchover'] as const;
export type Fault = (typeof faults)[number];

export interface FailoverRound {
  readonly fault: Fault;
  /** From the fault to the first acknowledged write of another server, ms; of a switchover from the last one of the old. */
  readonly firstWriteMs: number;
  /** From the last acknowledged write of the old primary to the first of the new one, ms. */
  readonly outageMs: number;
  readonly phases: Partial<Record<Phase, number>>;
  /** The old primary ten seconds after it was back. */
  readonly old: string;
}

export interface FailoverReport {
  readonly rounds: readonly FailoverRound[];
  /** Switchovers that ended as they had begun, each by its reason. */
  readonly givenUp: readonly string[];
  readonly acknowledged: number;
  readonly perSecond: number;
  readonly lost: number;
  readonly twoWritableMs: number;
  /** Of the machine over the last minute, at the beginning and the end: what else ran on it. */
  readonly load: readonly [number, number];
}

const cluster = 'db';
const writers = 3;
/** Each writer's pause: more than 250 writes a second together. */
const intervalMs = 9;
const outageLimitMs = 30_000;
const hangEndsAfterMs = 3_000;
/** How long the old primary is watched once it is back. */
export const returnWatchMs: Readonly<Record<Fault, number>> = { kill: 10_000, hang: 10_000, switchover: 1_000 };
const probeMs = 100;

/** Faults on three servers on this machine under write load, with the standalone engine. Says what it does through `log`. */
export class FailoverBench {
  readonly #servers: ReadonlyMap<string, Mysqld>;
  readonly #engine: EngineProcess;
  readonly #log: (line: string) => void;
  readonly #records: WriteRecord[] = [];
  readonly #uuids = new Map<string, string>();
  #nextClient = writers;

  private constructor(servers: ReadonlyMap<string, Mysqld>, engine: EngineProcess, log: (line: string) => void) {
    this.#servers = servers;
    this.#engine = engine;
    this.#log = log;
  }

  static async run(kinds: readonly Fault[], rounds: number, log: (line: string) => void): Promise<FailoverReport> {
    const list = await startServers(3);
    const servers = new Map(list.map((server, index) => [`db-${index}`, server]));
    const engine = await EngineProcess.start(new Map([[cluster, servers]]));
    try {
      const { primary } = await engine.settled(cluster);
      const bench = new FailoverBench(servers, engine, log);
      await makeTable(bench.#server(primary));
      return await bench.#measure(kinds, rounds);
    } finally {
      await engine.close();
      await Promise.all(list.map((server) => server.close()));
    }
  }

  async #measure(kinds: readonly Fault[], rounds: number): Promise<FailoverReport> {
    for (const [name, server] of this.#servers) this.#uuids.set(await server.uuid(), name);
    const finder = new WritableFinder([...this.#servers.values()]);
    const end = new AbortController();
    const load = this.#startLoad(finder, end.signal);
    const startedMs = timestampMs();
    const [loadBefore = 0] = loadavg();
    const done: FailoverRound[] = [];
    const givenUp: string[] = [];
    let quietMs = 0;
    try {
      for (let round = 1; round <= rounds; round += 1) {
        for (const fault of kinds) {
          const result = await this.#round(fault);
          if (typeof result === 'string') {
            givenUp.push(result);
            this.#log(`${fault} ${round}: given up, and nothing has changed: ${result}`);
            continue;
          }
          quietMs += result.outageMs;
          done.push(result);
          this.#log(`${fault} ${round}: ${lineOf(result)}`);
        }
      }
    } finally {
      end.abort();
      await load;
      finder.close();
    }
    const writtenMs = timestampMs() - startedMs - quietMs;
    const { primary } = await this.#engine.settled(cluster);
    const { acknowledged, lost } = compareWithTable(this.#records, await rowsOf(this.#server(primary)));
    const perSecond = acknowledged / (writtenMs / 1_000);
    const [loadAfter = 0] = loadavg();
    return {
      rounds: done,
      givenUp,
      acknowledged,
      perSecond,
      lost: lost.length,
      twoWritableMs: twoWritableMs(this.#records),
      load: [loadBefore, loadAfter],
    };
  }

  /** @returns why it was not done, if it was a switchover that was given up */
  async #round(fault: Fault): Promise<FailoverRound | string> {
    const { primary } = await this.#engine.settled(cluster);
    await this.#acknowledgedBy(primary, true, timestampMs());
    await untilCaughtUp(
      this.#server(primary),
      [...this.#servers.keys()].filter((name) => name !== primary).map((name) => this.#server(name)),
    );
    await observeFor(1_000);
    const old = this.#server(primary);
    const faultMs = timestampMs();
    if (fault === 'kill') old.kill('SIGKILL');
    if (fault === 'hang') old.kill('SIGSTOP');
    const givenUp = fault === 'switchover' ? await this.#engine.order(cluster, 'switchover', {}) : undefined;
    if (givenUp !== undefined) return givenUp;
    const first = await this.#acknowledgedBy(primary, false, faultMs);
    await observeFor(fault === 'hang' ? hangEndsAfterMs : 500);
    if (fault === 'kill') await old.exited().then(() => old.start());
    if (fault === 'hang') old.kill('SIGCONT');
    await this.#probe(old, returnWatchMs[fault]);
    const log = this.#engine.log();
    const state = await this.#stateOf(primary);
    if (state.startsWith('Diverged')) await this.#rebuild(primary);
    const lastMs = this.#lastAcknowledgedMs(primary, first.endedMs);
    const sinceMs = fault === 'switchover' ? lastMs : faultMs;
    return {
      fault,
      firstWriteMs: first.endedMs - sinceMs,
      outageMs: first.endedMs - lastMs,
      phases: phasesOf(log, sinceMs, first.endedMs),
      old: state,
    };
  }

  #lastAcknowledgedMs(name: string, untilMs: number): number {
    const last = this.#records.findLast(
      ({ outcome, server, endedMs }) =>
        outcome === 'acknowledged' && this.#uuids.get(server) === name && endedMs <= untilMs,
    );
    return last?.endedMs ?? untilMs;
  }

  async #acknowledgedBy(name: string, wanted: boolean, sinceMs: number): Promise<WriteRecord> {
    return await eventually(
      () =>
        this.#records
          .slice(-2_000)
          .find(
            ({ outcome, server, startedMs }) =>
              outcome === 'acknowledged' && startedMs >= sinceMs && (this.#uuids.get(server) === name) === wanted,
          ),
      { deadlineMs: outageLimitMs, describe: `a write ${wanted ? 'on' : 'beside'} ${name}\n${this.#engine.log()}` },
    );
  }

  /** Tries to write to the old primary all the time: what it acknowledges counts as a second writable server. */
  async #probe(server: Mysqld, forMs: number): Promise<void> {
    const end = new AbortController();
    const prober = new Writer({
      client: this.#nextClient++,
      target: () => targetOf(server),
      table: 't',
      intervalMs: probeMs,
      retryMs: probeMs,
      record: (record) => void this.#records.push(record),
    }).run(end.signal);
    await observeFor(forMs);
    end.abort();
    await prober;
  }

  async #stateOf(name: string): Promise<string> {
    const topology = await this.#engine.recorded(cluster);
    const instance = topology?.instances.find((one) => one.name === name);
    return instance ? `${instance.state}, ${instance.readOnly ? 'closed' : 'OPEN'}` : 'not listed';
  }

  async #rebuild(name: string): Promise<void> {
    const topology = await this.#engine.recorded(cluster);
    const donor = [...this.#servers.keys()].find((other) => other !== name && other !== topology?.primary);
    this.#log(`${name} holds transactions that nobody else has: cloned from ${donor ?? 'nobody'}`);
    await cloneOver(this.#server(name), this.#server(donor ?? ''));
    // CLONE gives the server another identity.
    await this.#engine.settled(cluster);
    this.#uuids.set(await this.#server(name).uuid(), name);
  }

  async #startLoad(finder: WritableFinder, signal: AbortSignal): Promise<void> {
    const servers = [...this.#servers.values()];
    const load = Array.from({ length: writers }, async (_, index) => {
      const connections = new ReadyConnections(servers);
      await new Writer({
        client: index,
        connections,
        target: () => finder.target(),
        table: 't',
        intervalMs,
        // It only asks the finder, which looks every 15 ms.
        retryMs: 4,
        record: (record) => void this.#records.push(record),
      }).run(signal);
      connections.close();
    });
    await Promise.all(load);
  }

  #server(name: string): Mysqld {
    const server = this.#servers.get(name);
    if (!server) throw new Error(`no server ${name}`);
    return server;
  }
}

function lineOf({ firstWriteMs, outageMs, phases: shares, old }: FailoverRound): string {
  const parts = phases.map((phase) => `${phase} ${(shares[phase] ?? 0).toFixed(0)}`).join(', ');
  return `first write ${firstWriteMs.toFixed(0)} ms (${parts}), outage ${outageMs.toFixed(0)} ms, old primary ${old}`;
}
