import { configMapName, type ResolvedCluster, selectorLabels, volumeNames } from '@pilotfish/api';
import { mysqlPaths } from '../my-cnf/base-options.ts';
import { myCnfKey } from './config-map.ts';
import type { ClaimTemplate, Opaque, VolumeMount } from './manifest.ts';

/** Where each volume of the pod is mounted; `config-map` only in the init container. */
export const mounts = {
  conf: { name: volumeNames.conf, mountPath: mysqlPaths.conf },
  configMap: { name: volumeNames.configMap, mountPath: mysqlPaths.confTemplate, readOnly: true },
  data: { name: volumeNames.data, mountPath: mysqlPaths.data },
  run: { name: volumeNames.run, mountPath: mysqlPaths.run },
  tmp: { name: volumeNames.tmp, mountPath: mysqlPaths.tmp },
} as const satisfies Record<string, VolumeMount>;

/** All volumes of the pod except `data` where that comes from a claim. */
export function podVolumes(cluster: ResolvedCluster, data: DataSource): Opaque[] {
  return [
    { name: volumeNames.conf, emptyDir: {} },
    {
      name: volumeNames.configMap,
      configMap: {
        name: configMapName(cluster.metadata.name),
        defaultMode: 0o644,
        items: [{ key: myCnfKey, path: myCnfKey }],
      },
    },
    // In memory: the socket, the pid file and the control files must not outlive the pod's processes.
    { name: volumeNames.run, emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
    { name: volumeNames.tmp, emptyDir: {} },
    ...(data.kind === 'claim' ? [] : [{ name: volumeNames.data, ...data.volume }]),
    ...(cluster.spec.podSpec.volumes ?? []),
  ];
}

/** Where a pod's data comes from. */
export type DataSource =
  | { readonly kind: 'claim'; readonly template: ClaimTemplate }
  | { readonly kind: 'volume'; readonly volume: Opaque };

/** What the spec asks for. */
export function dataSource(cluster: ResolvedCluster): DataSource {
  const { dataVolume } = cluster.spec;
  switch (dataVolume.kind) {
    case 'persistentVolumeClaim':
      return {
        kind: 'claim',
        template: {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: volumeNames.data, labels: selectorLabels(cluster.metadata.name) },
          spec: { volumeMode: 'Filesystem', ...dataVolume.claim },
        },
      };
    case 'hostPath':
      return { kind: 'volume', volume: { hostPath: dataVolume.hostPath } };
    case 'emptyDir':
      return { kind: 'volume', volume: { emptyDir: dataVolume.emptyDir } };
  }
}
