import { apiGroup, apiVersionName, kind, plural } from '@pilotfish/api';
import { defineResource, type KubeObject } from '@pilotfish/kube';

/** A MysqlCluster as it comes: whether it makes sense is for parseCluster to say. */
export interface RawCluster extends KubeObject {
  readonly spec?: unknown;
  readonly status?: unknown;
}

export const mysqlClusters = defineResource<RawCluster>({
  group: apiGroup,
  version: apiVersionName,
  plural,
  kind,
  namespaced: true,
});
