const only = (name, target, owners, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { pathNot: owners },
  to: { path: target },
});

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'pure-packages',
      comment: 'Decisions, sets, schemas and the catalogue do no I/O and know no adapter.',
      severity: 'error',
      from: { path: '^packages/(gtid|topology|api|events)/src/', pathNot: '(\\.test\\.ts|/generate\\.ts|/testing/)' },
      to: {
        path: ['^packages/(mysql|bus|kube|service|testkit)/', '^(node:)?(net|fs|http|https|child_process|tls|dns)'],
      },
    },
    {
      name: 'adapters-apart',
      comment: 'Adapters do not import each other.',
      severity: 'error',
      from: { path: '^packages/(mysql|bus|kube)/src/', pathNot: ['\\.test\\.ts$', '/testing/', '/test-'] },
      to: { path: '^packages/(mysql|bus|kube|testkit)/', pathNot: '^packages/$1/' },
    },
    {
      name: 'packages-below-apps',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(apps|e2e)/' },
    },
    {
      name: 'apps-apart',
      comment: 'Apps are processes: they talk over the bus, the API server and HTTP.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'agent-stays-small',
      comment: 'The agent runs beside every mysqld: no Kubernetes client, no express.',
      severity: 'error',
      from: { path: '^apps/node-agent/' },
      to: { path: ['^packages/(kube|bus)/', 'node_modules/(express|@kubernetes)'] },
    },
    {
      name: 'testkit-in-tests',
      severity: 'error',
      from: { path: '^(apps|packages)/', pathNot: ['\\.test\\.ts$', '/testing/', '/test-', '^packages/testkit/'] },
      to: { path: '^packages/testkit/' },
    },
    only(
      'kubernetes-client',
      'node_modules/(@kubernetes|undici)',
      ['^packages/kube/', 'node_modules'],
      'Only packages/kube speaks to Kubernetes.',
    ),
    only(
      'mysql-client',
      'node_modules/mysql2',
      ['^packages/mysql/', '^e2e/src/', 'node_modules'],
      'Only packages/mysql speaks to MySQL; the load client is a stranger on purpose.',
    ),
    only(
      'nats-client',
      'node_modules/@nats-io',
      ['^packages/bus/', '^e2e/src/', '^infra/helm/src/.*test', 'node_modules'],
      'Only packages/bus speaks to NATS.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@pilotfish/source', 'import', 'node', 'default'],
    },
  },
};
