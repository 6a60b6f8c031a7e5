import { type HookPlaceholder, hookPlaceholders, masterHost, podHost, ports } from '@pilotfish/api';

/** What a hook is told, as JSON on its standard input. */
export interface HookFacts {
  readonly moment: string;
  readonly namespace: string;
  readonly cluster: string;
  /** The epoch that ends, or of which the primary failed. */
  readonly epoch: number;
  readonly kind: 'failover' | 'switchover';
  readonly state: string;
  readonly reason: string;
  /** Pod of the primary that failed or hands over. */
  readonly from: string;
  /** Pod that is to take over, or has; empty while nobody is known. */
  readonly to: string;
  readonly replicas: readonly string[];
  readonly ok: boolean;
  readonly inDowntime: boolean;
  readonly recoverPrimary: boolean;
  readonly recoverIntermediatePrimary: boolean;
  readonly engine: string;
}

/** Orchestrator's placeholders, by their name there. A host is the name of a pod's host, as the old operator had them. */
const meanings: Readonly<Record<HookPlaceholder, (facts: HookFacts) => string>> = {
  failureType: ({ kind, state }) => (kind === 'switchover' ? 'DeadMaster' : (failureTypes[state] ?? 'DeadMaster')),
  instanceType: () => 'master',
  isMaster: () => 'true',
  isCoMaster: () => 'false',
  failureDescription: ({ reason }) => reason,
  command: ({ kind }) => (kind === 'switchover' ? 'graceful-master-takeover-auto' : ''),
  failedHost: ({ from, namespace }) => podHost(from, namespace),
  failedPort: () => String(ports.mysql),
  failureCluster: alias,
  failureClusterAlias: alias,
  failureClusterDomain: ({ cluster, namespace }) => masterHost(cluster, namespace),
  countReplicas: ({ replicas }) => String(replicas.length),
  countSlaves: ({ replicas }) => String(replicas.length),
  isDowntimed: ({ inDowntime }) => String(inDowntime),
  autoMasterRecovery: ({ recoverPrimary }) => String(recoverPrimary),
  autoIntermediateMasterRecovery: ({ recoverIntermediatePrimary }) => String(recoverIntermediatePrimary),
  orchestratorHost: ({ engine }) => engine,
  recoveryUID: ({ kind, epoch }) => `${kind}-${String(epoch)}`,
  isSuccessful: ({ ok }) => String(ok),
  // No replica is lost: the new primary has what all have that answer.
  lostReplicas: () => '',
  lostSlaves: () => '',
  countLostReplicas: () => '0',
  replicaHosts,
  slaveHosts: replicaHosts,
  successorHost: ({ to, namespace }) => (to === '' ? '' : podHost(to, namespace)),
  successorPort: ({ to }) => (to === '' ? '' : String(ports.mysql)),
  successorAlias: ({ to }) => to,
  // Positions in files say nothing where replication is by GTID.
  successorBinlogCoordinates: () => '',
};

const failureTypes: Readonly<Record<string, string>> = {
  PrimaryDead: 'DeadMaster',
  PrimaryEmptied: 'DeadMaster',
  PrimaryClosed: 'NoWriteableMasterStructureWarning',
};

function alias({ cluster, namespace }: HookFacts): string {
  return `${cluster}.${namespace}`;
}

function replicaHosts({ replicas, namespace }: HookFacts): string {
  return replicas.map((pod) => `${podHost(pod, namespace)}:${String(ports.mysql)}`).join(',');
}

export function placeholderValues(facts: HookFacts): Readonly<Record<HookPlaceholder, string>> {
  const values = hookPlaceholders.map((name) => [name, meanings[name](facts)] as const);
  return Object.fromEntries(values) as Record<HookPlaceholder, string>;
}

/** As Orchestrator named its environment variables: `failedHost` is `ORC_FAILED_HOST`. */
export function environmentOf(values: Readonly<Record<HookPlaceholder, string>>): Record<string, string> {
  const variable = (name: string): string => `ORC_${name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}`;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [variable(name), value]));
}
