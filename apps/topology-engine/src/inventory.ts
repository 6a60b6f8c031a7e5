import { podHost, ports, type ResolvedCluster, type TopologyStatus } from '@pilotfish/api';

/** What Kubernetes says of one pod, reduced to what the engine reads. */
export interface PodFacts {
  readonly name: string;
  readonly uid: string;
  readonly ordinal: number;
  /** Empty until it has one. */
  readonly ip: string;
  readonly mysqlPort: number;
  /** Undefined where no agent runs beside the server. */
  readonly agentPort: number | undefined;
  readonly node: string;
  /** Its mysql container runs. */
  readonly started: boolean;
  readonly terminating: boolean;
  /** Its mysql container has ended, as its kubelet says. */
  readonly serverEnded: boolean;
  /** Failure domains of its node; undefined where they are not known. */
  readonly zone: string | undefined;
  readonly region: string | undefined;
  /** Kubernetes has not heard from its node for so long that it gave it up. */
  readonly nodeLost: boolean;
  /** Its label `role`, which the Services follow; undefined where there are none. */
  readonly role: string | undefined;
}

export interface Credentials {
  readonly operator: { readonly user: string; readonly password: string };
  readonly replication: { readonly user: string; readonly password: string };
  readonly agentToken: string;
}

/** How people know an instance: what hooks are told, and what settings that name hosts are compared with. */
export interface InstanceHost {
  readonly host: string;
  readonly port: number;
}

/** The name of an instance that is a pod, as the old operator had it. */
export function hostOfPod(key: string, instance: string): InstanceHost {
  const [namespace = ''] = key.split('/');
  return { host: podHost(instance, namespace), port: ports.mysql };
}

/** What the engine needs to know of clusters, wherever it comes from. */
export interface Inventory {
  cluster(key: string): ResolvedCluster | undefined;
  podFacts(key: string): readonly PodFacts[];
  /** Left out where instances are pods, see {@link hostOfPod}. */
  hostOf?(key: string, instance: string): InstanceHost | undefined;
  /** Undefined until the cluster has its Secret. */
  credentials(key: string): Promise<Credentials | undefined>;
}

/** Where `status.topology` and the engine's conditions are kept. */
export interface TopologyStore {
  /** The recorded topology as the API server has it now, past every cache. */
  read(key: string): Promise<TopologyStatus | undefined>;
  /**
   * Replaces the recorded topology if its epoch and operation are still the expected ones.
   * @returns false when somebody else was faster; nothing is written then
   */
  replace(key: string, next: TopologyStatus, expected: TopologyStatus | undefined): Promise<boolean>;
  setConditions(key: string, conditions: readonly EngineCondition[]): Promise<void>;
}

export interface EngineCondition {
  readonly type: 'FailoverInProgress' | 'PendingFailoverAck' | 'Durable' | 'CredentialsValid' | 'ErrantTransactions';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}
