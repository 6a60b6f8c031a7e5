import type { SqlSession } from '@pilotfish/mysql';
import type { InstanceView } from '@pilotfish/topology';
import type { AgentClient } from '../observe/agent-client.ts';
import type { ClusterMember } from '../observe/cluster-member.ts';
import type { InstanceWatch } from '../observe/instance-watch.ts';

/** An instance as the steps of a plan see it: a `ClusterMember`, or in a rehearsal one that only writes down. */
export type PlanMember = Pick<
  ClusterMember,
  'name' | 'host' | 'port' | 'address' | 'noteCloneOrdered' | 'noteExamined' | 'noteStartOrdered'
> & {
  readonly watch: PlanWatch;
  /** Undefined where none runs beside the server. */
  readonly agent: PlanAgent | undefined;
};

export type PlanWatch = Pick<InstanceWatch, 'contact' | 'lastView' | 'look'> & {
  observeNow(session?: SqlSession): Promise<InstanceView>;
  admin(): Promise<SqlSession>;
  secondAdmin(): Promise<SqlSession>;
};

export type PlanAgent = Pick<
  AgentClient,
  'state' | 'bootstrap' | 'clone' | 'fence' | 'hold' | 'release' | 'rewind' | 'start' | 'noOps'
>;
