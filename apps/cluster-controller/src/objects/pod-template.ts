import { ports, selectorLabels } from '@pilotfish/api';
import type { ClusterContext } from '../model/cluster-context.ts';
import type { MysqlImage } from '../model/mysql-image.ts';
import { exporterContainer, initContainer, mysqlContainer, sidecarContainer } from './containers.ts';
import type { PodTemplate } from './manifest.ts';
import { labelsOf } from './metadata.ts';
import { type DataSource, podVolumes } from './volumes.ts';

/** User and group of everything in the pod, and of the data. */
const mysqlId = 999;

/** Longer than preStop may take (25 s), so that mysqld has time left to close its files. */
const terminationGracePeriodSeconds = 60;

/** Annotation that changes with my.cnf, see restartHash. */
const configRevisionAnnotation = 'config_rev';

/** The pod of an instance. Nothing in it depends on the number of replicas, or scaling would restart every pod. */
export function podTemplate(
  context: ClusterContext,
  { mysql, configHash, data }: { mysql: MysqlImage; configHash: string; data: DataSource },
): PodTemplate {
  const { podSpec } = context.cluster.spec;
  const { imagePullSecrets, nodeSelector, tolerations, priorityClassName, serviceAccountName } = podSpec;
  return {
    metadata: {
      labels: { ...labelsOf(context), ...podSpec.labels, ...selectorLabels(context.cluster.metadata.name) },
      annotations: {
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': String(ports.prometheus),
        ...podSpec.annotations,
        [configRevisionAnnotation]: configHash,
      },
    },
    spec: {
      initContainers: [...(podSpec.initContainers ?? []), initContainer(context)],
      containers: [
        mysqlContainer(context, mysql),
        sidecarContainer(context),
        exporterContainer(context),
        ...(podSpec.containers ?? []),
      ],
      volumes: podVolumes(context.cluster, data),
      affinity: podSpec.affinity,
      ...(imagePullSecrets === undefined ? {} : { imagePullSecrets }),
      ...(nodeSelector === undefined ? {} : { nodeSelector }),
      ...(tolerations === undefined ? {} : { tolerations }),
      ...(priorityClassName === undefined ? {} : { priorityClassName }),
      ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
      // No container talks to the Kubernetes API; a user's own service account may want to.
      ...(serviceAccountName === undefined ? { automountServiceAccountToken: false } : {}),
      // Lets the agent see mysqld end at once, and end it as the last fence.
      shareProcessNamespace: true,
      terminationGracePeriodSeconds,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: mysqlId,
        runAsGroup: mysqlId,
        fsGroup: mysqlId,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
    },
  };
}
