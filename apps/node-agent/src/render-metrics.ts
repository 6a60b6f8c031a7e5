import type { Metrics } from '@pilotfish/service';
import { gatherState, type StateSources } from './agent-state.ts';
import type { Answer } from './http-server.ts';
import type { LocalMysql } from './local-mysql.ts';
import type { AgentMetrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

export interface RenderMetricsOptions {
  readonly registry: Metrics;
  readonly metrics: AgentMetrics;
  readonly sources: StateSources;
  readonly readiness: Readiness;
  readonly local: LocalMysql;
}

/** The exposition text, with the gauges as they are at this moment. */
export async function renderMetrics({
  registry,
  metrics,
  sources,
  readiness,
  local,
}: RenderMetricsOptions): Promise<Answer> {
  const [state, problem, view] = await Promise.all([gatherState(sources), readiness.problem(), local.look(1000)]);
  const { mysqld, disk, errantSaved, isolation } = state;
  metrics.mysqldRunning.set(Number(mysqld.running));
  metrics.mysqldStopped.set(Number(mysqld.stopped));
  metrics.mysqldHeld.set(Number(mysqld.held));
  metrics.ready.set(Number(problem === undefined));
  metrics.writable.set(Number(view.kind === 'answering' && !view.readOnly));
  metrics.lastContact.set(isolation.lastContactMsAgo / 1000);
  metrics.errantSaves.set(errantSaved.length);
  metrics.errantBytes.set(errantSaved.reduce((sum, { bytes }) => sum + bytes, 0));
  metrics.dataBytes.set(disk.totalBytes);
  metrics.dataFreeBytes.set(disk.freeBytes);
  metrics.dataReadOnly.set(Number(disk.readOnly));
  return { status: 200, body: await registry.render(), contentType: registry.contentType };
}
