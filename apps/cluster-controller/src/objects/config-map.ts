import { createHash } from 'node:crypto';
import { configMapName } from '@pilotfish/api';
import type { ClusterContext } from '../model/cluster-context.ts';
import { type RenderedConf, renderMyCnf } from '../my-cnf/render-my-cnf.ts';
import type { ConfigMapManifest } from './manifest.ts';
import { ownedMetadata } from './metadata.ts';

/** Name of the file, and of its key in the ConfigMap. */
export const myCnfKey = 'my.cnf';

/** my.cnf of all instances of a cluster; what differs between them the init container adds. */
export function clusterConf({ cluster, mysql }: ClusterContext): RenderedConf {
  const { podSpec, dataVolume, mysqlConf } = cluster.spec;
  const { requests, limits } = podSpec.resources;
  return renderMyCnf(
    {
      // Kubernetes takes the limit as the request where only that is given.
      memoryRequest: requests?.memory ?? limits?.memory,
      cpuLimit: limits?.cpu,
      storage: dataVolume.kind === 'persistentVolumeClaim' ? dataVolume.storage : undefined,
      percona: mysql?.percona ?? false,
      version: mysql?.version,
    },
    mysqlConf,
  );
}

export function configMap(context: ClusterContext, conf: RenderedConf): ConfigMapManifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: ownedMetadata(context, configMapName(context.cluster.metadata.name), { generated: 'true' }),
    data: { [myCnfKey]: conf.text },
  };
}

/**
 * Part of the pod template, so that another my.cnf means another revision of the pods. Made from the content alone: the
 * same my.cnf has the same hash in every process and after every edit of the ConfigMap's metadata.
 */
export function restartHash(conf: RenderedConf): string {
  return createHash('sha256').update(conf.text).digest('hex').slice(0, 16);
}
