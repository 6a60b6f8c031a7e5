import { z } from 'zod';
import type { KubeApi, Resource } from './kube-api.ts';
import { isReady } from './kube-objects.ts';
import { OperatorServices } from './services.ts';
import type { TestCluster } from './test-cluster.ts';
import { expectThat } from './wait-for.ts';

export interface EngineAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The chart's roles for people. */
export type EngineRole = 'viewer' | 'operator-user' | 'admin';

const serviceAccounts: Resource = { apiVersion: 'v1', plural: 'serviceaccounts' };
const clusterRoles: Resource = { apiVersion: 'rbac.authorization.k8s.io/v1', plural: 'clusterroles' };
const roleBindings: Resource = { apiVersion: 'rbac.authorization.k8s.io/v1', plural: 'rolebindings' };
const named = z.object({ metadata: z.object({ name: z.string() }) });
const tokenRequest = z.object({ status: z.object({ token: z.string() }) });

const API_PORT = 8080;
const WAIT_SECONDS = 30;

/** Somebody who uses the engines' HTTP API: a ServiceAccount of a cluster's namespace, bound there to a role of the chart. */
export class EngineUser {
  /** As the engine's audit calls it. */
  readonly name: string;
  readonly #kube: KubeApi;
  readonly #cluster: TestCluster;
  readonly #token: string;

  private constructor(kube: KubeApi, cluster: TestCluster, name: string, token: string) {
    this.#kube = kube;
    this.#cluster = cluster;
    this.name = name;
    this.#token = token;
  }

  static async withRole(kube: KubeApi, cluster: TestCluster, role: EngineRole): Promise<EngineUser> {
    const { namespace } = cluster;
    const account = `e2e-${role}`;
    if ((await kube.get(serviceAccounts, namespace, account)) === undefined) {
      await kube.create(serviceAccounts, namespace, { metadata: { name: account } });
      await kube.create(roleBindings, namespace, await bindingOf(kube, namespace, account, role));
    }
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
    const { body } = await kube.request('POST', path, { spec: { expirationSeconds: 3600 } });
    const { token } = tokenRequest.parse(JSON.parse(body)).status;
    return new EngineUser(kube, cluster, `system:serviceaccount:${namespace}:${account}`, token);
  }

  /** Gives an order to any of the engines, which passes it on to the cluster's owner, and waits for its end. */
  async order(operation: string, parameters: object): Promise<EngineAnswer> {
    const services = await OperatorServices.find(this.#kube);
    const engine = (await services.pods('topology-engine')).find(isReady);
    expectThat(engine?.status.podIP !== undefined, 'no topology engine is Ready');
    const { namespace, name } = this.#cluster;
    const url = `http://${engine.status.podIP}:${API_PORT}/api/v1/clusters/${namespace}/${name}/${operation}`;
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.#token}`,
        'content-type': 'application/json',
        prefer: `wait=${WAIT_SECONDS}`,
      },
      body: JSON.stringify(parameters),
      signal: AbortSignal.timeout((WAIT_SECONDS + 5) * 1000),
    });
    return { status: response.status, body: await response.json() };
  }
}

async function bindingOf(kube: KubeApi, namespace: string, account: string, role: EngineRole): Promise<object> {
  const roles = (await kube.list(clusterRoles, '')).map((one) => named.parse(one).metadata.name);
  const name = roles.find((one) => one.endsWith(`-mysql-${role}`));
  expectThat(name !== undefined, `the chart has no role *-mysql-${role}: userRoles.create is off`);
  return {
    metadata: { name: account },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  };
}
