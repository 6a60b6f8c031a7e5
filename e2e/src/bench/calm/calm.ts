import { availableParallelism } from 'node:os';
import { type Mysqld, StartedProcess } from '@pilotfish/testkit';
import { compareWithTable } from '../../analysis/losses.ts';
import { outageAfter } from '../../analysis/outages.ts';
import { observeFor } from '../../harness/observe.ts';
import { timestampMs } from '../../load-client/timestamp.ts';
import type { WriteRecord } from '../../load-client/write-record.ts';
import { Writer } from '../../load-client/writer.ts';
import { administer, makeTable, rowsOf, startServers } from '../standalone/bench-servers.ts';
import { EngineProcess } from '../standalone/engine-process.ts';
import { WritableFinder } from '../standalone/writable-finder.ts';
import { CalmNetwork, type Drops } from './calm-network.ts';
import { ClosenessWatch, type Doubt, doubtsIn, type LongestSilence, plansIn } from './calm-watch.ts';

export const troubles = ['cpu', 'latency', 'loss', 'stall'] as const;
export type Trouble = (typeof troubles)[number];

export interface CalmPhase {
  readonly trouble: Trouble;
  readonly seconds: number;
  /** What shows that there was trouble. */
  readonly proof: string;
  readonly failovers: number;
  /** Plans of any kind: none is wanted. */
  readonly plans: Readonly<Record<string, number>>;
  readonly doubts: readonly Doubt[];
  readonly silences: readonly LongestSilence[];
  /** Against the primary at one time, of the two that are needed. */
  readonly witnesses: number;
  /** Times that the engine itself stood still and said so. */
  readonly engineStalls: number;
  /** The fewest acknowledgements that commits waited for. */
  readonly leastAcks: number;
  readonly acknowledged: number;
  readonly longestGapMs: number;
}

export interface CalmReport {
  readonly phases: readonly CalmPhase[];
  readonly acknowledged: number;
  readonly lost: number;
}

const cluster = 'db';
const writers = 6;
const intervalMs = 20;
const latencyMs = 300;
const loss = 0.05;
const lookMs = 500;
const longCutMs = 30_000;
const shortCutMs = 2_000;
const betweenCutsMs = 5_000;

/** Troubles that are no failure of a server, one after the other, under write load: whatever the engine does about them is too much. */
export class CalmBench {
  readonly #servers: readonly Mysqld[];
  readonly #network: CalmNetwork;
  readonly #engine: EngineProcess;
  readonly #log: (line: string) => void;
  readonly #records: WriteRecord[] = [];

  private constructor(
    servers: readonly Mysqld[],
    network: CalmNetwork,
    engine: EngineProcess,
    log: (line: string) => void,
  ) {
    this.#servers = servers;
    this.#network = network;
    this.#engine = engine;
    this.#log = log;
  }

  /** In a network namespace of its own (`hasOwnNetwork`). */
  static async run(kinds: readonly Trouble[], minutes: number, log: (line: string) => void): Promise<CalmReport> {
    await CalmNetwork.up();
    const servers = await startServers(3);
    const network = await CalmNetwork.around(servers);
    const listed = new Map(servers.map((server, index) => [`db-${index}`, server]));
    const engine = await EngineProcess.start(new Map([[cluster, listed]]), {
      place: network.place,
      prefix: network.prefix,
      logLevel: 'debug',
    });
    try {
      const { primary } = await engine.settled(cluster);
      await makeTable(listed.get(primary) ?? bug('the primary is listed'));
      const bench = new CalmBench(servers, network, engine, log);
      return await bench.#measure(kinds, (minutes * 60_000) / kinds.length);
    } finally {
      await engine.close();
      await network.close();
      await Promise.all(servers.map((server) => server.close()));
    }
  }

  async #measure(kinds: readonly Trouble[], phaseMs: number): Promise<CalmReport> {
    const finder = new WritableFinder(this.#servers);
    const end = new AbortController();
    const load = Promise.all(Array.from({ length: writers }, (_, index) => this.#write(index, finder, end.signal)));
    const phases: CalmPhase[] = [];
    try {
      for (const trouble of kinds) {
        this.#log(`${trouble}, for ${(phaseMs / 1_000).toFixed(0)} s`);
        phases.push(await this.#phase(trouble, phaseMs));
      }
    } finally {
      end.abort();
      await load;
      finder.close();
    }
    const { primary } = await this.#engine.settled(cluster);
    const server = this.#servers[Number(primary.split('-').at(-1))] ?? bug('the primary is a server');
    const { acknowledged, lost } = compareWithTable(this.#records, await rowsOf(server));
    return { phases, acknowledged, lost: lost.length };
  }

  async #write(index: number, finder: WritableFinder, signal: AbortSignal): Promise<void> {
    const writer = new Writer({
      client: index,
      target: () => finder.target(),
      table: 't',
      intervalMs,
      retryMs: intervalMs,
      record: (record) => void this.#records.push(record),
    });
    await writer.run(signal);
  }

  async #phase(trouble: Trouble, ms: number): Promise<CalmPhase> {
    const fromMs = timestampMs();
    const closeness = new ClosenessWatch(fromMs);
    const ended = new AbortController();
    let leastAcks = Number.POSITIVE_INFINITY;
    const watching = (async () => {
      while (!ended.signal.aborted) {
        closeness.read(this.#engine.log());
        leastAcks = Math.min(leastAcks, (await this.#engine.recorded(cluster))?.ackSet.k ?? leastAcks);
        await observeFor(lookMs);
      }
    })();
    const proof = await this.#make(trouble, ms).finally(() => ended.abort());
    await watching;
    const toMs = timestampMs();
    const records = this.#records.filter(({ endedMs }) => endedMs >= fromMs && endedMs < toMs);
    const journal = await this.#engine.journal();
    const plans = plansIn(journal, fromMs, toMs);
    const { failover = 0 } = plans;
    return {
      ...{ trouble, seconds: (toMs - fromMs) / 1_000, proof, failovers: failover, plans },
      doubts: doubtsIn(journal, fromMs, toMs),
      ...{ silences: closeness.silences, witnesses: closeness.witnesses, engineStalls: closeness.stalls, leastAcks },
      acknowledged: records.filter(({ outcome }) => outcome === 'acknowledged').length,
      longestGapMs: outageAfter(records, fromMs).outageMs,
    };
  }

  /** Resolves when the time is over and all is as before, with what shows that there was trouble. */
  async #make(trouble: Trouble, ms: number): Promise<string> {
    switch (trouble) {
      case 'cpu':
        return await keepBusy(ms);
      case 'latency':
        return await this.#slow(ms);
      case 'loss': {
        const end = await this.#network.lose(loss);
        await observeFor(ms);
        return packets(await end());
      }
      case 'stall':
        return await this.#cutEngineOff(ms);
      default:
        return trouble satisfies never;
    }
  }

  async #slow(ms: number): Promise<string> {
    await this.#network.delay(latencyMs);
    const asking = this.#roundTrip();
    await observeFor(ms);
    const roundTripMs = await asking;
    await this.#network.delay(0);
    return `${latencyMs} ms each way; a statement by the same way took ${roundTripMs.toFixed(0)} ms`;
  }

  /** Of a statement on an open connection, as engine and replicas reach a server. */
  async #roundTrip(): Promise<number> {
    const [server = bug('there are servers')] = this.#servers;
    return await administer(
      server,
      async (connection) => {
        const atMs = timestampMs();
        await connection.query('SELECT 1');
        return timestampMs() - atMs;
      },
      this.#network.place(server),
    );
  }

  /** Once for long, then again and again for a moment: what comes of a cut depends on what was under way. */
  async #cutEngineOff(ms: number): Promise<string> {
    const untilMs = timestampMs() + ms;
    const cuts: Drops[] = [];
    let cutMs = Math.min(longCutMs, ms / 3);
    do {
      await observeFor(betweenCutsMs);
      const end = await this.#network.cutEngineOff();
      await observeFor(cutMs);
      cuts.push(await end());
      cutMs = shortCutMs;
    } while (timestampMs() + shortCutMs + 2 * betweenCutsMs < untilMs);
    await observeFor(Math.max(untilMs - timestampMs(), betweenCutsMs));
    const dropped = cuts.reduce((total, cut) => total + cut.dropped, 0);
    return `cut off ${cuts.length} times, ${dropped} packets dropped`;
  }
}

/** Twice as many processes as processors, each of which would take one for itself. */
async function keepBusy(ms: number): Promise<string> {
  const count = 2 * availableParallelism();
  const busy = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      StartedProcess.start({
        name: `busy ${index}`,
        command: process.execPath,
        args: ['--eval', 'for (;;);'],
        cwd: '/',
      }),
    ),
  );
  await observeFor(ms);
  await Promise.all(busy.map((one) => one.stop({ signal: 'SIGKILL' })));
  return `${count} processes in endless loops on ${availableParallelism()} processors`;
}

const packets = ({ dropped, passed }: Drops): string =>
  `${dropped} of ${dropped + passed} packets lost (${((100 * dropped) / Math.max(dropped + passed, 1)).toFixed(1)} %)`;

function bug(what: string): never {
  throw new Error(`expected: ${what}`);
}
