import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AccessReview, connectKube } from '@pilotfish/kube';
import { createLogger, systemClock } from '@pilotfish/service';
import { eventually, type KubeApi, ManualClock, startKubeApi } from '@pilotfish/testkit';
import { ApiClient, listen } from '../testing/api-client.ts';
import { createApi } from './api.ts';
import type { Engine } from './engine.ts';
import { KubeAuthenticator } from './kube-authenticator.ts';

const owner = { username: 'ada', uid: '1', groups: [], extra: {} };

describe('answers of the API server', () => {
  test('are asked once within ten seconds, by all who ask meanwhile; failures are not kept', async () => {
    const clock = new ManualClock();
    // To lru-cache a time of 0 is none.
    await clock.advance(1);
    let reviews = 0;
    let isDown = true;
    const authenticator = new KubeAuthenticator(
      {
        ownerOf: () => {
          reviews += 1;
          return isDown ? Promise.reject(new Error('down')) : Promise.resolve(owner);
        },
        isAllowed: () => Promise.resolve(true),
      },
      clock,
    );
    await expect(authenticator.identify('t')).rejects.toThrow('down');
    isDown = false;
    await Promise.all([authenticator.identify('t'), authenticator.identify('t')]);
    expect(reviews).toBe(2);
    await clock.advance(9_000);
    expect((await authenticator.identify('t'))?.name).toBe('ada');
    expect(reviews).toBe(2);
    await clock.advance(2_000);
    await authenticator.identify('t');
    expect(reviews).toBe(3);
  });
});

/** A real API server says who calls and what they may do. */
describe('the API behind a real API server', () => {
  let kubeApi: KubeApi;
  const closers: (() => unknown)[] = [];
  let port: number;

  beforeAll(async () => {
    kubeApi = await startKubeApi();
    closers.push(() => kubeApi.close());
    const kube = connectKube({ userAgent: 'test', kubeconfig: kubeApi.kubeconfig });
    closers.push(() => kube.close());
    const engine: Engine = {
      name: 'engine-0',
      keys: () => [],
      cluster: () => undefined,
      locate: () => ({ kind: 'nobody', why: 'it is new' }),
    };
    const authenticator = new KubeAuthenticator(new AccessReview(kube), systemClock);
    const logger = createLogger({ service: 'test', level: 'fatal' });
    const server = await listen(createApi({ engine, authenticator, clock: systemClock, logger }).app);
    closers.push(() => server.close());
    port = server.port;
  }, 60_000);
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  async function clientOf(account: string, verbs: readonly string[]): Promise<ApiClient> {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account };
    const rules = [{ apiGroups: ['mysql.presslabs.org'], resources: ['mysqlclusters'], verbs }];
    const subjects = [{ kind: 'ServiceAccount', name: account, namespace: 'default' }];
    await kubeApi.request('POST', accounts, { metadata: { name: account } });
    await kubeApi.request('POST', `${rbac}/roles`, { metadata: { name: account }, rules });
    await kubeApi.request('POST', `${rbac}/rolebindings`, { metadata: { name: account }, roleRef, subjects });
    const { body } = await kubeApi.request('POST', `${accounts}/${account}/token`, { spec: {} });
    return new ApiClient(port, (body as { status: { token: string } }).status.token);
  }

  test('lets in by token, and to what a role allows on MysqlClusters of the namespace', async () => {
    expect(await new ApiClient(port, 'nonsense').get('/api/v1/clusters')).toMatchObject({ status: 401 });
    const ada = await clientOf('ada', ['list', 'switchover']);
    // The API server's authorizer learns of a role by a watch of its own.
    const list = async () => await ada.get('/api/v1/clusters?namespace=default');
    await eventually(async () => (await list()).status === 200, { deadlineMs: 20_000, describe: 'the role in force' });
    expect(await list()).toMatchObject({ status: 200, body: { items: [] } });
    expect(await ada.get('/api/v1/clusters')).toMatchObject({
      status: 403,
      body: { message: 'system:serviceaccount:default:ada may not list all MysqlClusters' },
    });
    expect(await ada.post('/api/v1/clusters/default/db/switchover', {})).toMatchObject({
      status: 404,
      body: { reason: 'UnknownCluster' },
    });
    expect(await ada.post('/api/v1/clusters/default/db/failover', {})).toMatchObject({
      status: 403,
      body: { message: 'system:serviceaccount:default:ada may not failover MysqlCluster default/db' },
    });
    expect(await ada.post('/api/v1/clusters/other/db/switchover', {})).toMatchObject({ status: 403 });
  });
});
