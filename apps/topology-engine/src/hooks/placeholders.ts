import { type HookPlaceholder, hookPlaceholders, masterHost } from '@pilotfish/api';
import type { InstanceHost } from '../inventory.ts';

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
  /** The primary that failed or hands over. */
  readonly from: string;
  /** The instance that is to take over, or has; empty while nobody is known. */
  readonly to: string;
  readonly replicas: readonly string[];
  /** Where each of these is, by name. */
  readonly hosts: Readonly<Record<string, InstanceHost>>;
  readonly ok: boolean;
  readonly inDowntime: boolean;
  readonly recoverPrimary: boolean;
  readonly recoverIntermediatePrimary: boolean;
  readonly engine: string;
}

/** Orchestrator's placeholders, by their name there. */
const meanings: Readonly<Record<HookPlaceholder, (facts: HookFacts) => string>> = {
  failureType: ({ kind, state }) => (kind === 'switchover' ? 'DeadMaster' : (failureTypes[state] ?? 'DeadMaster')),
  instanceType: () => 'master',
  isMaster: () => 'true',
  isCoMaster: () => 'false',
  failureDescription: ({ reason }) => reason,
  command: ({ kind }) => (kind === 'switchover' ? 'graceful-master-takeover-auto' : ''),
  failedHost: ({ from, hosts }) => hosts[from]?.host ?? '',
  failedPort: ({ from, hosts }) => portOf(hosts[from]),
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
  successorHost: ({ to, hosts }) => hosts[to]?.host ?? '',
  successorPort: ({ to, hosts }) => portOf(hosts[to]),
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

function replicaHosts({ replicas, hosts }: HookFacts): string {
  return replicas.map((name) => `${hosts[name]?.host ?? ''}:${portOf(hosts[name])}`).join(',');
}

function portOf(host: InstanceHost | undefined): string {
  return host === undefined ? '' : String(host.port);
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
