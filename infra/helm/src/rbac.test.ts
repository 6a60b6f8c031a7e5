import { beforeAll, describe, expect, test } from '@jest/globals';
import { operations } from '@pilotfish/topology';
import { find, type Manifest, type Rule, template } from './helm.ts';

/** What each service may do: the whole of it, so that a change of the chart is a change of this table. */
const everywhere = {
  'cluster-controller': {
    configmaps: 'create get list patch watch',
    events: 'create patch',
    mysqlclusters: 'get list patch watch',
    'mysqlclusters/finalizers': 'update',
    'mysqlclusters/status': 'patch',
    persistentvolumeclaims: 'delete get list watch',
    poddisruptionbudgets: 'create delete get list patch watch',
    pods: 'delete get list watch',
    secrets: 'create get patch',
    services: 'create get list patch watch',
    statefulsets: 'create get list patch watch',
  },
  'topology-engine': {
    events: 'create patch',
    mysqlclusters: 'get list watch',
    'mysqlclusters/status': 'patch',
    nodes: 'get list watch',
    pods: 'get list watch',
    secrets: 'get',
  },
  'service-syncer': {
    events: 'create patch',
    mysqlclusters: 'get list watch',
    'mysqlclusters/status': 'patch',
    pods: 'get list patch watch',
  },
} as const;

const inOwnNamespace = {
  'cluster-controller': { leases: 'create delete get list patch watch' },
  'topology-engine': { leases: 'create delete get list patch watch' },
  'service-syncer': { leases: 'create delete get list patch watch' },
} as const;

const services = ['cluster-controller', 'topology-engine', 'service-syncer'] as const;

const verbsByResource = (rules: readonly Rule[] = []): Record<string, string> =>
  Object.fromEntries(
    rules.flatMap(({ resources, verbs }) => resources.map((name) => [name, [...verbs].sort().join(' ')])),
  );

let manifests: Manifest[];

beforeAll(async () => {
  manifests = await template();
}, 900_000);

describe.each(services)('%s', (name) => {
  const clusterWide = `pilotfish-system-pilotfish-${name}`;

  test('may do in all namespaces what it needs, and nothing else', () => {
    expect(verbsByResource(find(manifests, 'ClusterRole', clusterWide).rules)).toEqual(everywhere[name]);
  });

  test('may hold leases in its own namespace', () => {
    const role = find(manifests, 'Role', `pilotfish-${name}`);
    expect(role.metadata.namespace).toBe('pilotfish-system');
    expect(verbsByResource(role.rules)).toEqual(inOwnNamespace[name]);
  });

  test('and its account is the only one that may', () => {
    for (const [kind, roleName] of [
      ['ClusterRoleBinding', clusterWide],
      ['RoleBinding', `pilotfish-${name}`],
    ] as const) {
      const { roleRef, subjects } = find(manifests, kind, roleName);
      expect(roleRef).toMatchObject({ kind: kind.replace('Binding', ''), name: roleName });
      expect(subjects).toEqual([{ kind: 'ServiceAccount', name: `pilotfish-${name}`, namespace: 'pilotfish-system' }]);
    }
    expect(find(manifests, 'ServiceAccount', `pilotfish-${name}`)).toMatchObject({
      automountServiceAccountToken: false,
    });
  });

  test('with one namespace to watch, may do the same there and nowhere else', async () => {
    const limited = await template({ set: ['global.watchNamespace=shop'] });
    const role = find(limited, 'Role', clusterWide);
    expect(role.metadata.namespace).toBe('shop');
    const { nodes: _, ...inOneNamespace }: Readonly<Record<string, string>> = everywhere[name];
    expect(verbsByResource(role.rules)).toEqual(inOneNamespace);
    expect(limited.some(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === clusterWide)).toBe(false);
  });
});

test('the topology-engine may have tokens and rights of others reviewed', () => {
  const binding = find(manifests, 'ClusterRoleBinding', 'pilotfish-system-pilotfish-topology-engine-auth-delegator');
  expect(binding).toMatchObject({
    roleRef: { kind: 'ClusterRole', name: 'system:auth-delegator' },
    subjects: [{ kind: 'ServiceAccount', name: 'pilotfish-topology-engine', namespace: 'pilotfish-system' }],
  });
});

test('users of the API get roles: to look, to operate, to do all that there is', async () => {
  const verbsOf = (role: string) =>
    find(manifests, 'ClusterRole', `pilotfish-system-pilotfish-mysql-${role}`).rules?.[0]?.verbs ?? [];
  const orders = operations.map(({ name }) => name);
  const reads = ['get', 'list', 'watch'];
  expect(verbsOf('viewer')).toEqual(reads);
  expect([...verbsOf('admin')].sort()).toEqual([...reads, ...orders].sort());
  const forAdmins = ['failover', 'fence', 'rebuild'];
  expect([...verbsOf('operator-user')].sort()).toEqual(
    [...reads, ...orders.filter((name) => !forAdmins.includes(name))].sort(),
  );
  const without = await template({ set: ['topology-engine.userRoles.create=false'] });
  expect(without.some(({ metadata }) => metadata.name.includes('-mysql-viewer'))).toBe(false);
});

test('nodes are read by the one that has to know zones and lost nodes, and changed by nobody', () => {
  const rulesOn = manifests.flatMap(({ metadata, rules = [] }) =>
    rules.filter(({ resources }) => resources.includes('nodes')).map(({ verbs }) => ({ name: metadata.name, verbs })),
  );
  expect(rulesOn).toEqual([{ name: 'pilotfish-system-pilotfish-topology-engine', verbs: ['get', 'list', 'watch'] }]);
});

test('nobody may do everything', () => {
  for (const { rules } of manifests) expect(JSON.stringify(rules ?? [])).not.toContain('*');
});
