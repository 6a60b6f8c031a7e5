import { MysqlSession } from '@pilotfish/mysql';
import { eventually } from '@pilotfish/testkit';
import type { TestPod } from '../../../apps/node-agent/src/test-pod.ts';
import { PodFleet } from './pod-fleet.ts';

export interface RewindRow {
  readonly fault: 'kill' | 'hang';
  readonly how: 'rewind' | 'clone';
  /** From the fault to a primary that takes writes, seconds. */
  readonly outageS: number;
  /** From the fault to all instances following, with as many acknowledgements as before, seconds. */
  readonly redundantS: number;
}

export interface RewindReport {
  readonly dataGiB: number;
  readonly rows: readonly RewindRow[];
}

interface WaitingCommit {
  readonly writer: MysqlSession;
  readonly acknowledged: Promise<boolean>;
  readonly letReplicaGoOn: () => void;
}

const rowMiB = 1;
const rowsAtOnce = 64;
const loadDeadlineMs = 120_000;
const redundantDeadlineMs = 600_000;
/** A pool and a redo log in proportion to what is loaded; flushing as in production. */
const settings = ['innodb-buffer-pool-size=512M', 'innodb-redo-log-capacity=1G', 'innodb-doublewrite=OFF'];

/**
 * How long it takes two instances to be two again after the primary failed with commits waiting: rewound, and, where
 * that can't be, cloned. Both with `gib` GiB of data, and real servers, agents and engine.
 */
export async function measureRewind(gib: number, log: (line: string) => void): Promise<RewindReport> {
  const fleet = await PodFleet.start(2, settings);
  try {
    const loaded = await load(fleet, gib, log);
    fleet.runEngine();
    await untilRedundant(fleet);
    log(`${gib.toFixed(1)} GiB on ${fleet.pods.length} instances (${loaded} rows)`);
    const rows: RewindRow[] = [];
    for (const [fault, how] of [
      ['kill', 'rewind'],
      ['hang', 'rewind'],
      ['kill', 'clone'],
    ] as const) {
      rows.push(await failOnce(fleet, fault, how));
      log(describe(rows.at(-1)));
    }
    return { dataGiB: gib, rows };
  } finally {
    await fleet.close();
  }
}

/** Not in the binary log, and without a redo log: the replica is cloned, and they would only cost time. */
async function load(fleet: PodFleet, gib: number, log: (line: string) => void): Promise<number> {
  const [first] = fleet.pods;
  if (!first) throw new Error('a fleet has a pod');
  await first.bootstrap();
  const session = await MysqlSession.connect(first.operator, { deadlineMs: 5_000 });
  const run = (sql: string): Promise<unknown> => session.query(sql, [], { deadlineMs: loadDeadlineMs });
  await run('SET GLOBAL read_only = OFF');
  await run('CREATE DATABASE bench');
  await run('CREATE TABLE bench.writes (id INT PRIMARY KEY AUTO_INCREMENT)');
  await run('CREATE TABLE bench.load (id INT PRIMARY KEY AUTO_INCREMENT, v LONGBLOB NOT NULL)');
  await run('SET SESSION sql_log_bin = OFF, SESSION cte_max_recursion_depth = 1000');
  await run('ALTER INSTANCE DISABLE INNODB REDO_LOG');
  const wanted = Math.ceil((gib * 1024) / rowMiB);
  for (let rows = 0; rows < wanted; rows += rowsAtOnce) {
    await run(
      `INSERT INTO bench.load (v) WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${String(rowsAtOnce)})
        SELECT REPEAT(RANDOM_BYTES(1024), ${String(rowMiB * 1024)}) FROM n`,
    );
    if (rows % 1024 === 0) log(`${String(rows)} of ${String(wanted)} MiB`);
  }
  await run('ALTER INSTANCE ENABLE INNODB REDO_LOG');
  await run('SET GLOBAL super_read_only = ON');
  session.destroy();
  return wanted;
}

async function failOnce(fleet: PodFleet, fault: RewindRow['fault'], how: RewindRow['how']): Promise<RewindRow> {
  const old = fleet.primary;
  const told = fleet.events.length;
  const pid = await old.mysqldPid();
  const { writer, acknowledged, letReplicaGoOn } = await leaveCommitWaiting(fleet, old, how);
  const at = performance.now();
  process.kill(pid, fault === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  letReplicaGoOn();
  await eventually(() => fleet.primary !== old && fleet.store.topology?.writable === true, {
    deadlineMs: 30_000,
    describe: 'another primary',
  });
  const opened = fleet.events.slice(told).find(({ name }) => name === 'primary-opened')?.at ?? Number.NaN;
  await untilRedundant(fleet);
  const redundantS = (performance.now() - at) / 1000;
  writer.destroy();
  if (await acknowledged) throw new Error('a commit that nobody received was acknowledged');
  const expected = how === 'rewind' ? 'instance-rewound' : 'instance-reclone-started';
  if (!fleet.events.slice(told).some(({ name }) => name === expected)) throw new Error(`there was no ${expected}`);
  return { fault, how, outageS: (opened - at) / 1000, redundantS };
}

/**
 * Stops the replica's receiver, and then the whole replica, so that the engine can't start it again, and has a commit wait: a row, or, for
 * a clone, a statement, whose absence from the log would not undo it.
 */
async function leaveCommitWaiting(fleet: PodFleet, primary: TestPod, how: RewindRow['how']): Promise<WaitingCommit> {
  const replica = fleet.pods.find((pod) => pod !== primary);
  if (!replica) throw new Error('nobody replicates');
  const writer = await MysqlSession.connect(primary.operator, { deadlineMs: 5_000 });
  const replicaPid = await replica.mysqldPid();
  await replica.sql('STOP REPLICA IO_THREAD');
  process.kill(replicaPid, 'SIGSTOP');
  const statement = how === 'rewind' ? 'INSERT INTO bench.writes VALUES ()' : 'CREATE TABLE bench.waiting (id INT)';
  const before = await timesLogged(primary, how);
  const acknowledged = writer.query(statement, [], { deadlineMs: redundantDeadlineMs }).then(
    () => true,
    () => false,
  );
  // Nobody receives it: once it is in the log it waits.
  await eventually(async () => (await timesLogged(primary, how)) > before, {
    deadlineMs: 2_000,
    describe: 'a commit to be logged',
  });
  return { writer, acknowledged, letReplicaGoOn: () => void process.kill(replicaPid, 'SIGCONT') };
}

async function timesLogged(primary: TestPod, how: RewindRow['how']): Promise<number> {
  const [log] = await primary.sql<{ File: string }>('SHOW BINARY LOG STATUS');
  const events = await primary.sql<{ Info: string }>(`SHOW BINLOG EVENTS IN '${log?.File ?? ''}'`);
  const what = how === 'rewind' ? '(bench.writes)' : 'bench.waiting';
  return events.filter(({ Info }) => Info.includes(what)).length;
}

async function untilRedundant(fleet: PodFleet): Promise<void> {
  await eventually(() => fleet.isRedundant(), {
    deadlineMs: redundantDeadlineMs,
    describe: 'all instances to follow',
  });
}

function describe(row: RewindRow | undefined): string {
  if (!row) return '';
  const { fault, how, outageS, redundantS } = row;
  return `${fault}, ${how}: writes again after ${outageS.toFixed(2)} s, redundant after ${redundantS.toFixed(2)} s`;
}
