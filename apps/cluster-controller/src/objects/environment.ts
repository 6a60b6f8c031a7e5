import { headlessServiceName, operatedSecretName, userSecretKeys } from '@pilotfish/api';
import { type ClusterContext, versionText } from '../model/cluster-context.ts';
import type { EnvVar, Opaque } from './manifest.ts';

/** What every container knows about where it runs. */
export function commonEnvironment(context: ClusterContext): EnvVar[] {
  const { metadata, spec } = context.cluster;
  return [
    fromField('MY_NAMESPACE', 'metadata.namespace'),
    fromField('MY_POD_NAME', 'metadata.name'),
    fromField('MY_POD_IP', 'status.podIP'),
    { name: 'MY_SERVICE_NAME', value: headlessServiceName },
    { name: 'MY_CLUSTER_NAME', value: metadata.name },
    { name: 'MY_FQDN', value: '$(MY_POD_NAME).$(MY_SERVICE_NAME).$(MY_NAMESPACE)' },
    { name: 'MY_MYSQL_VERSION', value: versionText(context.mysql) ?? '' },
    { name: 'MY_SERVER_ID_OFFSET', value: String(spec.serverIDOffset) },
  ];
}

/** The agent also makes the user's accounts when the cluster gets its first data. */
export function agentEnvironment(context: ClusterContext): EnvVar[] {
  const { secretName, replication } = context.cluster.spec;
  return [
    ...commonEnvironment(context),
    fromField('MY_POD_UID', 'metadata.uid'),
    fromSecret('MYSQL_ROOT_PASSWORD', secretName, userSecretKeys.rootPassword, false),
    fromSecret('MYSQL_USER', secretName, userSecretKeys.user, true),
    fromSecret('MYSQL_PASSWORD', secretName, userSecretKeys.password, true),
    fromSecret('MYSQL_DATABASE', secretName, userSecretKeys.database, true),
    { name: 'PILOTFISH_ISOLATION_TIMEOUT_SECONDS', value: String(replication.isolationTimeoutSeconds) },
  ];
}

/** The operator's own accounts and the agent's token. */
export function operatedEnvironment(context: ClusterContext): Opaque[] {
  return [{ secretRef: { name: operatedSecretName(context.cluster.metadata.name) } }];
}

function fromField(name: string, fieldPath: string): EnvVar {
  return { name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } };
}

/** Without an optional key the variable is absent; without a required one the container waits until it is there. */
function fromSecret(name: string, secret: string, key: string, optional: boolean): EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secret, key, ...(optional ? { optional } : {}) } } };
}
