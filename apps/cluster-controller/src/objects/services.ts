import {
  anyClusterLabels,
  type EndpointService,
  headlessServiceName,
  healthyServiceName,
  labelKeys,
  masterServiceName,
  portNames,
  ports,
  replicasServiceName,
  serviceSelector,
} from '@pilotfish/api';
import type { ClusterContext } from '../model/cluster-context.ts';
import type { ServiceManifest, ServicePort } from './manifest.ts';
import { ownedMetadata } from './metadata.ts';

const mysqlPort = servicePort(portNames.mysql, ports.mysql);
const sidecarPort = servicePort(portNames.sidecarHttp, ports.sidecarHttp);
const exporterPort = servicePort(portNames.prometheus, ports.prometheus);

/**
 * The headless Service that gives the pods of all clusters in a namespace their DNS names. It belongs to no cluster, and so
 * outlives each of them. Names resolve before a pod is Ready: replication is set up through them. The agents find
 * their peers by the SRV record of `sidecar-http`.
 */
export function headlessService(namespace: string): ServiceManifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: headlessServiceName,
      namespace,
      labels: { ...anyClusterLabels(), [labelKeys.serviceType]: 'namespace-nodes' },
    },
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: anyClusterLabels(),
      ports: [mysqlPort, exporterPort, sidecarPort],
    },
  };
}

/**
 * Leads to the primary, as the label says, Ready or not: the kubelet finds a crash before the label has moved, and a Service
 * without endpoints answers with ICMP errors, of which Linux sends a peer six and then one a second. Whoever connects meanwhile
 * would wait for his own time-out, while the crashed pod itself refuses at once. Type and annotations are left to whoever edits
 * the Service.
 */
export function masterService(context: ClusterContext): ServiceManifest {
  const name = masterServiceName(context.cluster.metadata.name);
  const service = endpointService(context, name, 'master', [mysqlPort, sidecarPort]);
  return { ...service, spec: { publishNotReadyAddresses: true, ...service.spec } };
}

/** Leads to every instance that is fit to serve reads, the primary included. */
export function healthyService(context: ClusterContext): ServiceManifest {
  const name = healthyServiceName(context.cluster.metadata.name);
  const service = endpointService(context, name, 'ready-nodes', [mysqlPort]);
  return { ...service, spec: { type: 'ClusterIP', ...service.spec } };
}

/** Leads to the replicas that are fit to serve reads. Type and annotations are left to whoever edits the Service. */
export function replicasService(context: ClusterContext): ServiceManifest {
  const name = replicasServiceName(context.cluster.metadata.name);
  return endpointService(context, name, 'ready-replicas', [mysqlPort, sidecarPort]);
}

/** The selectors find nothing until service-syncer has labelled the pods. */
function endpointService(
  context: ClusterContext,
  name: string,
  type: EndpointService,
  servicePorts: readonly ServicePort[],
): ServiceManifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMetadata(context, name, { [labelKeys.serviceType]: type }),
    spec: { selector: serviceSelector(context.cluster.metadata.name, type), ports: servicePorts },
  };
}

function servicePort(name: string, port: number): ServicePort {
  return { name, port, targetPort: port, protocol: 'TCP' };
}
