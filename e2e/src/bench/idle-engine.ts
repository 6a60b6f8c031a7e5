import type { Mysqld, MysqldSettings } from '@pilotfish/testkit';
import { observeFor } from '../harness/observe.ts';
import { usageOf } from './process-usage.ts';
import { startServers } from './standalone/bench-servers.ts';
import { EngineProcess } from './standalone/engine-process.ts';

export interface IdleEngineReport {
  readonly seconds: number;
  readonly clusters: number;
  readonly instances: number;
  /** Of one core, per instance. */
  readonly cpuPercent: number;
  readonly rssMiB: number;
  /** Of one core, all servers together. */
  readonly serversCpuPercent: number;
}

const size = 3;
const settleMs = 20_000;
const MIB = 1_048_576;

/** The engine reads replication from performance_schema, so that stays on, as small as it gets. */
const tiny: MysqldSettings = {
  innodb_buffer_pool_size: '8M',
  innodb_doublewrite: 'OFF',
  // A machine has so many slots for it in all, and thirty servers want more.
  innodb_use_native_aio: 'OFF',
  max_connections: 20,
  table_open_cache: 64,
  performance_schema_max_table_instances: 0,
  performance_schema_digests_size: 0,
  performance_schema_events_waits_history_long_size: 0,
  performance_schema_events_stages_history_long_size: 0,
  performance_schema_events_statements_history_long_size: 0,
  performance_schema_events_transactions_history_long_size: 0,
};

/** What the standalone engine costs while nothing happens, on clusters of three tiny servers on this machine. */
export async function measureIdleEngine(
  { clusters, seconds }: { clusters: number; seconds: number },
  log: (line: string) => void,
): Promise<IdleEngineReport> {
  const servers = await startServers(clusters * size, tiny);
  try {
    log(`${servers.length} servers run`);
    const engine = await EngineProcess.start(clustersOf(servers));
    try {
      for (let index = 0; index < clusters; index += 1) await engine.settled(`c${index}`, 120_000);
      log(`${clusters} clusters are whole; measuring for ${seconds} s, after ${settleMs / 1_000} s of rest`);
      await observeFor(settleMs);
      const before = { engine: usageOf(engine.pid).cpuMs, servers: cpuOf(servers), at: performance.now() };
      await observeFor(seconds * 1_000);
      const after = usageOf(engine.pid);
      const share = (cpuMs: number): number => (100 * cpuMs) / (performance.now() - before.at);
      return {
        seconds,
        clusters,
        instances: servers.length,
        cpuPercent: share(after.cpuMs - before.engine) / servers.length,
        rssMiB: after.rssBytes / MIB,
        serversCpuPercent: share(cpuOf(servers) - before.servers),
      };
    } finally {
      await engine.close();
    }
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

/** CPU per instance: half of what Orchestrator takes at the same interval. */
export const idleEngineTargets = { cpuPercent: 0.235, rssMiB: 130 } as const;

export function idleEngineTable(report: IdleEngineReport): string[] {
  const { seconds, clusters, instances, cpuPercent, rssMiB, serversCpuPercent } = report;
  const met = (value: number, target: number): string => (value <= target ? 'met' : 'MISSED');
  return [
    `Idle for ${seconds} s: ${clusters} clusters, ${instances} instances`,
    `CPU per instance: ${cpuPercent.toFixed(3)} % of a core, target at most ${idleEngineTargets.cpuPercent} %: ${met(cpuPercent, idleEngineTargets.cpuPercent)}`,
    `memory of the engine: ${rssMiB.toFixed(0)} MiB, target at most ${idleEngineTargets.rssMiB} MiB: ${met(rssMiB, idleEngineTargets.rssMiB)}`,
    `all servers together: ${serversCpuPercent.toFixed(1)} % of a core`,
  ];
}

function clustersOf(servers: readonly Mysqld[]): Map<string, Map<string, Mysqld>> {
  const clusters = new Map<string, Map<string, Mysqld>>();
  servers.forEach((server, index) => {
    const name = `c${Math.floor(index / size)}`;
    const cluster = clusters.get(name) ?? new Map<string, Mysqld>();
    clusters.set(name, cluster.set(`${name}-${index % size}`, server));
  });
  return clusters;
}

function cpuOf(servers: readonly Mysqld[]): number {
  return servers.reduce((sum, { pid }) => sum + usageOf(pid).cpuMs, 0);
}
