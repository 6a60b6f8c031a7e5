import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@pilotfish/testkit';
import { AccessReview, type TokenOwner } from './access-review.ts';
import { TestCluster } from './testing/test-cluster.ts';

let cluster: TestCluster;
let review: AccessReview;
beforeAll(async () => {
  cluster = await TestCluster.start();
  review = new AccessReview(cluster.client);
}, 60_000);
afterAll(() => cluster.close());

async function tokenOf(account: string): Promise<string> {
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  await cluster.api.request('POST', accounts, { metadata: { name: account } });
  const { body } = await cluster.api.request('POST', `${accounts}/${account}/token`, { spec: {} });
  return (body as { status: { token: string } }).status.token;
}

async function mayTurnWidgets(account: string, namespace: string): Promise<void> {
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const apiGroup = 'rbac.authorization.k8s.io';
  const rules = [{ apiGroups: ['test.pilotfish'], resources: ['widgets'], verbs: ['turn'] }];
  await cluster.api.request('POST', `${rbac}/roles`, { metadata: { name: account }, rules });
  await cluster.api.request('POST', `${rbac}/rolebindings`, {
    metadata: { name: account },
    roleRef: { apiGroup, kind: 'Role', name: account },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'default' }],
  });
}

describe('reviews by a real API server', () => {
  test('a service account is known by its token, and a stranger is nobody', async () => {
    const owner = await review.ownerOf(await tokenOf('ada'));
    expect(owner).toMatchObject({
      username: 'system:serviceaccount:default:ada',
      groups: expect.arrayContaining(['system:serviceaccounts']),
    });
    expect(await review.ownerOf('no-such-token')).toBeUndefined();
  });

  test('only what a role allows is allowed, there and nowhere else', async () => {
    const namespace = await cluster.namespace();
    const owner = (await review.ownerOf(await tokenOf('grace'))) as TokenOwner;
    await mayTurnWidgets('grace', namespace);
    const request = { group: 'test.pilotfish', resource: 'widgets', namespace, name: 'w', verb: 'turn' };
    // The API server's authorizer learns of a role by a watch of its own.
    await eventually(() => review.isAllowed(owner, request), {
      deadlineMs: 10_000,
      describe: 'the role to be in force',
    });
    expect(await review.isAllowed(owner, { ...request, verb: 'break' })).toBe(false);
    expect(await review.isAllowed(owner, { ...request, namespace: 'default' })).toBe(false);
  });
});
