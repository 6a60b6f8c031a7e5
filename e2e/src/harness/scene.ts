import type { Pod, Topology } from './kube-objects.ts';
import type { Stage } from './scenario.ts';
import type { TestCluster } from './test-cluster.ts';
import type { TopologyWatch } from './topology-watch.ts';
import { expectThat } from './wait-for.ts';
import type { WriteWatch } from './write-watch.ts';

/** A cluster under load, at the moment of a fault. */
export interface Scene {
  readonly stage: Stage;
  readonly cluster: TestCluster;
  /** The primary before the fault, and the others. */
  readonly primary: Pod;
  readonly replicas: readonly Pod[];
  readonly before: Topology;
  /** `@@server_uuid` of the primary before the fault. */
  readonly server: string;
  readonly watch: WriteWatch;
  readonly status: TopologyWatch;
  readonly faultMs: number;
}

/** The replica that a fault of one replica is about. */
export function aReplica({ replicas }: Scene): Pod {
  const [replica] = replicas;
  expectThat(replica !== undefined, 'there is no replica');
  return replica;
}
