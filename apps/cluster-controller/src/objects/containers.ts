import { containerNames, operatorSchema, portNames, ports } from '@pilotfish/api';
import type { BuildSettings, ClusterContext } from '../model/cluster-context.ts';
import type { MysqlImage } from '../model/mysql-image.ts';
import { mysqlPaths } from '../my-cnf/base-options.ts';
import { agentEnvironment, commonEnvironment, operatedEnvironment } from './environment.ts';
import type { Container, Opaque } from './manifest.ts';
import { exporterLiveness, movePrimaryAway, mysqlReadiness, sidecarLiveness, sidecarReadiness } from './probes.ts';
import { mounts } from './volumes.ts';

/** Written by the init container: starts mysqld, and again when it ends. */
const runScript = `${mysqlPaths.conf}/run-mysqld.sh`;

/** Nothing writes to the image and nobody is root: the pod security level `restricted`, and a read-only root besides. */
const restricted: Opaque = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** Lays out /etc/mysql and the data directory before anything else runs. */
export function initContainer(context: ClusterContext): Container {
  return {
    name: containerNames.init,
    image: context.settings.agentImage,
    imagePullPolicy: pullPolicy(context),
    args: ['init'],
    env: commonEnvironment(context),
    envFrom: operatedEnvironment(context),
    resources: context.cluster.spec.podSpec.mysqlOperatorSidecarResources,
    volumeMounts: [mounts.conf, mounts.configMap, mounts.data, mounts.run, mounts.tmp],
    securityContext: restricted,
  };
}

export function mysqlContainer(context: ClusterContext, mysql: MysqlImage): Container {
  const { podSpec } = context.cluster.spec;
  return {
    name: containerNames.mysql,
    image: mysql.image,
    imagePullPolicy: pullPolicy(context),
    command: ['/bin/sh', runScript],
    ports: [{ name: portNames.mysql, containerPort: ports.mysql, protocol: 'TCP' }],
    env: commonEnvironment(context),
    resources: podSpec.resources,
    volumeMounts: [mounts.conf, mounts.data, mounts.run, mounts.tmp, ...(podSpec.volumeMounts ?? [])],
    lifecycle: podSpec.mysqlLifecycle ?? movePrimaryAway,
    readinessProbe: mysqlReadiness,
    securityContext: restricted,
  };
}

/** The agent. */
export function sidecarContainer(context: ClusterContext): Container {
  const { podSpec } = context.cluster.spec;
  return {
    name: containerNames.sidecar,
    image: context.settings.agentImage,
    imagePullPolicy: pullPolicy(context),
    args: ['serve'],
    ports: [{ name: portNames.sidecarHttp, containerPort: ports.sidecarHttp, protocol: 'TCP' }],
    env: agentEnvironment(context),
    envFrom: operatedEnvironment(context),
    resources: podSpec.mysqlOperatorSidecarResources,
    volumeMounts: [mounts.conf, mounts.data, mounts.run, mounts.tmp, ...(podSpec.volumeMounts ?? [])],
    readinessProbe: sidecarReadiness,
    livenessProbe: sidecarLiveness,
    securityContext: restricted,
  };
}

/** The stock Prometheus exporter. */
export function exporterContainer(context: ClusterContext): Container {
  return {
    name: containerNames.metricsExporter,
    image: context.settings.exporterImage,
    imagePullPolicy: pullPolicy(context),
    args: [
      `--config.my-cnf=${mysqlPaths.conf}/exporter.cnf`,
      `--web.listen-address=:${String(ports.prometheus)}`,
      '--collect.heartbeat',
      `--collect.heartbeat.database=${operatorSchema}`,
    ],
    ports: [{ name: portNames.prometheus, containerPort: ports.prometheus, protocol: 'TCP' }],
    env: commonEnvironment(context),
    resources: context.cluster.spec.podSpec.metricsExporterResources,
    volumeMounts: [
      { ...mounts.conf, readOnly: true },
      { ...mounts.run, readOnly: true },
    ],
    livenessProbe: exporterLiveness,
    securityContext: restricted,
  };
}

function pullPolicy({ cluster, settings }: ClusterContext): BuildSettings['imagePullPolicy'] {
  return cluster.spec.podSpec.imagePullPolicy ?? settings.imagePullPolicy;
}
