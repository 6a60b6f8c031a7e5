import { describe, expect, test } from '@jest/globals';
import { context } from '../testing/fixtures.ts';
import { clusterConf, configMap, restartHash } from './config-map.ts';
import { operatedSecret, randomPassword } from './operated-secret.ts';
import { podDisruptionBudget } from './pod-disruption-budget.ts';

describe('ConfigMap', () => {
  test('holds my.cnf under the name users know', () => {
    const built = configMap(context(), clusterConf(context()));
    expect(built.metadata).toMatchObject({ name: 'my-cluster-1-mysql', labels: { generated: 'true' } });
    expect(built.data['my.cnf']).toContain('innodb-buffer-pool-size = 384M');
  });

  test('the restart hash follows the content and nothing else', () => {
    const hash = (spec: Record<string, unknown>, annotations = {}) =>
      restartHash(clusterConf(context({ spec, metadata: { annotations, resourceVersion: String(Math.random()) } })));
    expect(hash({})).toBe(hash({ replicas: 3 }, { note: 'edited' }));
    expect(hash({})).not.toBe(hash({ mysqlConf: { 'max-connections': 7 } }));
    expect(hash({ mysqlConf: { a: 1, b: 2 } })).toBe(hash({ mysqlConf: { b: 2, a: 1 } }));
  });

  test('a limit alone counts as the request, as it does for Kubernetes', () => {
    const { text } = clusterConf(context({ spec: { podSpec: { resources: { limits: { memory: '2Gi' } } } } }));
    expect(text).toContain('innodb-buffer-pool-size = 1344M');
  });
});

describe('operated Secret', () => {
  const decode = (data: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));

  test('has the accounts and a password for each', () => {
    const { metadata, data } = operatedSecret(context(), {}, () => 'generated');
    expect(metadata.name).toBe('my-cluster-1-mysql-operated');
    expect(decode(data)).toEqual({
      OPERATOR_USER: 'sys_operator',
      OPERATOR_PASSWORD: 'generated',
      REPLICATION_USER: 'sys_replication',
      REPLICATION_PASSWORD: 'generated',
      METRICS_EXPORTER_USER: 'sys_exporter',
      METRICS_EXPORTER_PASSWORD: 'generated',
      BACKUP_USER: 'sys_backups',
      BACKUP_PASSWORD: 'generated',
      AGENT_TOKEN: 'generated',
    });
  });

  test('keeps passwords that exist', () => {
    const kept = Buffer.from('kept').toString('base64');
    const { data } = operatedSecret(context(), { OPERATOR_PASSWORD: kept, REPLICATION_PASSWORD: '' }, () => 'new');
    expect(decode(data)).toMatchObject({ OPERATOR_PASSWORD: 'kept', REPLICATION_PASSWORD: 'new' });
  });

  test('passwords are 18 alphanumerics', () => {
    const made = Array.from({ length: 50 }, randomPassword);
    for (const password of made) expect(password).toMatch(/^[A-Za-z0-9]{18}$/);
    expect(new Set(made).size).toBe(50);
  });
});

describe('PodDisruptionBudget', () => {
  test.each([
    [5, undefined, '50%'],
    [3, '34%', '34%'],
    [3, '1', 1],
    [3, 2, 2],
    [1, undefined, undefined],
    [1, 1, undefined],
    [0, undefined, undefined],
  ])('%s replicas and minAvailable %s give %s', (replicas, minAvailable, expected) => {
    const budget = podDisruptionBudget(
      context({ spec: { replicas, ...(minAvailable === undefined ? {} : { minAvailable }) } }),
    );
    expect(budget?.spec.minAvailable).toBe(expected);
  });

  test('selects the pods of the cluster', () => {
    expect(podDisruptionBudget(context())?.spec.selector.matchLabels).toEqual({
      'mysql.presslabs.org/cluster': 'my-cluster-1',
      'app.kubernetes.io/name': 'mysql',
      'app.kubernetes.io/managed-by': 'mysql.presslabs.org',
    });
  });
});
