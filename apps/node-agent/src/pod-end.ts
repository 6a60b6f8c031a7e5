import type { Clock, Component } from '@pilotfish/service';
import type { MysqldProcess } from './mysqld-process.ts';

/** Less than the pod's grace period of 60 s. */
const limitMs = 55_000;
const pollMs = 100;

/**
 * The last component, so the first to stop: when the pod ends, the agent is told at the same time as mysqld, and goes on serving
 * preStop and the engine until mysqld is gone and nobody would start it again.
 */
export function podEnd(mysqld: MysqldProcess, clock: Clock): Component {
  return {
    name: 'pod-end',
    stopTimeoutMs: limitMs,
    start: () => undefined,
    stop: async (deadline) => {
      while (!deadline.aborted && (await mysqld.isSupervised()))
        await clock.sleep(pollMs, deadline).catch(() => undefined);
    },
  };
}
