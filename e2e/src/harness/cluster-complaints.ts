import type { Environment } from './environment.ts';
import { resources } from './kube-api.ts';
import { eventShape } from './kube-objects.ts';
import type { TestCluster } from './test-cluster.ts';
import { waitFor } from './wait-for.ts';

export interface Complaint {
  /** A condition whose message or reason fits, in words. */
  readonly condition: string;
  /** An event whose message or reason fits, in words. */
  readonly event: string;
}

/** Waits until the cluster says by a condition, and by a warning event, what is wrong; both must fit the pattern. */
export async function waitForComplaint(
  env: Environment,
  cluster: TestCluster,
  pattern: RegExp,
  timeoutMs: number,
): Promise<Complaint> {
  const condition = await waitFor(
    `a condition of ${cluster.name} that says ${pattern}`,
    async () => {
      const { conditions } = (await cluster.object()).status;
      const found = conditions.find(({ reason, message }) => pattern.test(`${reason} ${message}`));
      if (found !== undefined) return `${found.type}=${found.status} ${found.reason}: ${found.message}`;
      throw new Error(conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`).join(', '));
    },
    { timeoutMs, intervalMs: 500 },
  );
  const event = await waitFor(
    `a warning event of ${cluster.name} that says ${pattern}`,
    async () => {
      const events = (await env.kube.list(resources.events, cluster.namespace)).map((one) => eventShape.parse(one));
      const own = events.filter(
        ({ involvedObject, type }) =>
          involvedObject.kind === 'MysqlCluster' && involvedObject.name === cluster.name && type === 'Warning',
      );
      const found = own.find(({ reason, message }) => pattern.test(`${reason} ${message}`));
      if (found !== undefined) return `${found.reason}: ${found.message}`;
      throw new Error(own.map(({ reason }) => reason).join(', ') || 'no warning event at all');
    },
    { timeoutMs: 20_000, intervalMs: 500 },
  );
  return { condition, event };
}
