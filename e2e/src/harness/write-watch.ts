import { type AppendFindings, compareWithLists } from '../analysis/appends.ts';
import { compareWithTable, type Losses } from '../analysis/losses.ts';
import { twoWritableMs } from '../analysis/two-writable.ts';
import { rowId, type WriteRecord } from '../load-client/write-record.ts';
import { Load, type LoadReport } from './load.ts';
import { Prober } from './prober.ts';
import type { Stage } from './scenario.ts';
import { readIds, readLists, runSql } from './sql-access.ts';
import { applicationAccount, rootAccount, type TestCluster } from './test-cluster.ts';
import { waitFor } from './wait-for.ts';

/** Load clients of one process number their writers from multiples of this. */
const CLIENTS_APART = 100;
const LISTS = 4;
const CONVERGENCE_TIMEOUT_MS = 90_000;

let watches = 0;

export interface WatchOptions {
  readonly avoidNode?: string;
  readonly writesPerSecond?: number;
}

/** A cluster under load, with every write noted: by clients through the Service, and by probers directly at each instance. */
export class WriteWatch {
  readonly load: Load;
  readonly #stage: Stage;
  readonly #cluster: TestCluster;
  readonly #table: string;
  readonly #listTable: string;
  readonly #prober: Prober;

  private constructor(stage: Stage, cluster: TestCluster, number: number, load: Load, prober: Prober) {
    this.#stage = stage;
    this.#cluster = cluster;
    this.#table = tableOf(number);
    this.#listTable = listTableOf(number);
    this.load = load;
    this.#prober = prober;
  }

  /** Returns when writes flow. */
  static async start(stage: Stage, cluster: TestCluster, options: WatchOptions = {}): Promise<WriteWatch> {
    watches += 1;
    const number = watches;
    await makeTables(cluster, number);
    const settings = {
      pod: `load-client-${number}`,
      table: `writes_${number}`,
      listTable: `lists_${number}`,
      lists: LISTS,
      firstClient: number * CLIENTS_APART,
      ...options,
    };
    const load = await Load.start(stage.env, cluster, settings);
    const prober = await Prober.start(stage.env, cluster, `writes_${number}`, number);
    const watch = new WriteWatch(stage, cluster, number, load, prober);
    stage.afterwards('end the load', () => watch.#abandon());
    return watch;
  }

  #finished = false;

  /**
   * Ends the load, compares what was acknowledged with what the primary has, waits until every instance has the same, and adds all that to the findings.
   * Returns the records of the clients behind the Service.
   */
  async finish(): Promise<{ records: WriteRecord[]; report: LoadReport; losses: Losses }> {
    this.#finished = true;
    const { records, listRecords, report } = await this.load.stop();
    const probed = await this.#prober.stop();
    const all = [...records, ...probed];
    this.#stage.exhibit(`${this.#table}.jsonl`, () => all.map((record) => `${JSON.stringify(record)}\n`).join(''));
    const primary = await this.#cluster.primary();
    const present = await readIds(primary.status.podIP ?? '', rootAccount, this.#table);
    const losses = compareWithTable(all, present);
    const overlapMs = twoWritableMs(all);
    this.#stage.findings.addWrites(losses, overlapMs);
    this.#stage.log(
      `${losses.acknowledged} writes acknowledged, ${losses.lost.length} lost, ${losses.refused} refused (${losses.refusedButPresent} of them done), ` +
        `${losses.unknown} unknown (${losses.unknownButPresent} of them done), two writable servers for ${overlapMs} ms`,
    );
    if (losses.lost.length > 0) this.#describeLoss(all, losses);
    const lists = await readLists(primary.status.podIP ?? '', rootAccount, this.#listTable);
    this.#judgeLists(compareWithLists(listRecords, lists));
    await this.#waitForEquality(present, lists);
    return { records, report, losses };
  }

  #judgeLists(found: AppendFindings): void {
    this.#stage.findings.addAppends(found);
    const { acknowledged, readings, lost, duplicated, forked } = found;
    this.#stage.log(
      `${acknowledged} appends acknowledged, ${lost.length} lost, ${duplicated.length} duplicated, ${readings} readings, ${forked.length} forked`,
    );
    for (const reading of forked.slice(0, 10)) this.#stage.log(`forked: ${JSON.stringify(reading)}`);
  }

  async #waitForEquality(present: ReadonlySet<string>, lists: ReadonlyMap<number, string>): Promise<void> {
    for (const { metadata } of await this.#cluster.pods()) {
      await waitFor(
        `${metadata.name} has the same rows as the primary`,
        async () => {
          const { status } = await this.#cluster.pod(metadata.name);
          const ids = await readIds(status.podIP ?? '', rootAccount, this.#table);
          const own = await readLists(status.podIP ?? '', rootAccount, this.#listTable);
          const hasLists = [...lists].every(([list, text]) => own.get(list) === text);
          if (hasLists && ids.size === present.size && [...ids].every((id) => present.has(id))) return true;
          throw new Error(`${ids.size} rows of ${present.size}, the lists ${hasLists ? 'are the same' : 'differ'}`);
        },
        { timeoutMs: CONVERGENCE_TIMEOUT_MS, intervalMs: 500 },
      );
    }
  }

  #describeLoss(records: readonly WriteRecord[], { lost }: Losses): void {
    const ids = new Set(lost.slice(0, 10));
    for (const record of records.filter((one) => ids.has(rowId(one))))
      this.#stage.log(`lost: ${JSON.stringify(record)}`);
  }

  async #abandon(): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    await this.load.remove();
    await this.#prober.stop();
  }
}

const tableOf = (number: number): string => `${applicationAccount.database}.writes_${number}`;
const listTableOf = (number: number): string => `${applicationAccount.database}.lists_${number}`;

async function makeTables(cluster: TestCluster, number: number): Promise<void> {
  const host = (await cluster.primary()).status.podIP ?? '';
  const lists = Array.from({ length: LISTS }, (_, list) => `(${list}, '')`).join();
  for (const sql of [
    `CREATE TABLE ${tableOf(number)} (client INT, seq INT, PRIMARY KEY (client, seq))`,
    `CREATE TABLE ${listTableOf(number)} (list INT PRIMARY KEY, items LONGTEXT NOT NULL)`,
    `INSERT INTO ${listTableOf(number)} VALUES ${lists}`,
  ]) {
    await runSql(host, rootAccount, sql);
  }
}
