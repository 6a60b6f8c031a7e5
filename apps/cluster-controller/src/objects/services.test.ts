import { describe, expect, test } from '@jest/globals';
import { context } from '../testing/fixtures.ts';
import { headlessService, healthyService, masterService, replicasService } from './services.ts';

const selector = {
  'mysql.presslabs.org/cluster': 'my-cluster-1',
  'app.kubernetes.io/name': 'mysql',
  'app.kubernetes.io/managed-by': 'mysql.presslabs.org',
};
const { 'mysql.presslabs.org/cluster': _cluster, ...anyCluster } = selector;

describe('Services', () => {
  test.each([
    [masterService, 'my-cluster-1-mysql-master', 'master', { role: 'master' }, ['mysql:3306', 'sidecar-http:8080']],
    [healthyService, 'my-cluster-1-mysql', 'ready-nodes', { healthy: 'yes' }, ['mysql:3306']],
    [
      replicasService,
      'my-cluster-1-mysql-replicas',
      'ready-replicas',
      { role: 'replica', healthy: 'yes' },
      ['mysql:3306', 'sidecar-http:8080'],
    ],
  ])('%# have the name, type, selector and ports of the contract', (build, name, type, adds, ports) => {
    const service = build(context());
    expect(service.metadata).toMatchObject({
      name,
      namespace: 'shop',
      labels: { ...selector, 'mysql.presslabs.org/service-type': type },
      ownerReferences: [{ kind: 'MysqlCluster', name: 'my-cluster-1', uid: 'uid-1', controller: true }],
    });
    expect(service.spec.selector).toEqual({ ...selector, ...adds });
    expect(service.spec.ports.map((port) => `${port.name}:${String(port.port)}`)).toEqual(ports);
  });

  test('that of the master leads to it whether it is Ready or not, those for reads to what is Ready', () => {
    expect(masterService(context()).spec.publishNotReadyAddresses).toBe(true);
    for (const build of [healthyService, replicasService])
      expect(build(context()).spec).not.toHaveProperty('publishNotReadyAddresses');
  });

  test('type and annotations of master and replicas are not ours', () => {
    for (const service of [masterService(context()), replicasService(context())]) {
      expect(service.spec).not.toHaveProperty('type');
      expect(service.metadata).not.toHaveProperty('annotations');
    }
    expect(healthyService(context()).spec.type).toBe('ClusterIP');
  });

  test('the headless one serves all clusters of the namespace and belongs to none', () => {
    const service = headlessService('shop');
    expect(service.metadata.name).toBe('mysql');
    expect(service.metadata).not.toHaveProperty('ownerReferences');
    expect(service.metadata.labels).toEqual({ ...anyCluster, 'mysql.presslabs.org/service-type': 'namespace-nodes' });
    expect(service.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true, selector: anyCluster });
    expect(service.spec.ports.map((port) => `${port.name}:${String(port.port)}`)).toEqual([
      'mysql:3306',
      'prometheus:9125',
      'sidecar-http:8080',
    ]);
  });

  test('annotations of the cluster override informative labels', () => {
    const annotations = { 'app.kubernetes.io/component': 'store', 'app.kubernetes.io/part-of': 'web shop?' };
    const { labels } = masterService(context({ metadata: { annotations } })).metadata;
    expect(labels).toMatchObject({ 'app.kubernetes.io/component': 'store', 'app.kubernetes.io/version': '9.7.0' });
    expect(labels).not.toHaveProperty('app.kubernetes.io/part-of');
  });
});
