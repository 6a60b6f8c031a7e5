import { portNames, ports } from '@pilotfish/api';
import type { Opaque, Probe } from './manifest.ts';

/** Answered by the agent in the same pod, so by number: a named port is looked up in the probed container. */
const agentPort = ports.sidecarHttp;

/**
 * Ready means what the agent sees of mysqld, so it does not depend on any operator service. There is no limit to how
 * long a start may take (crash recovery, CLONE of a large volume), and no liveness probe: a kubelet that kills a slow
 * mysqld makes an outage of it; topology-engine and the agent decide about a hung one.
 */
export const mysqlReadiness: Probe = {
  httpGet: { path: '/readyz', port: agentPort },
  periodSeconds: 2,
  timeoutSeconds: 5,
  failureThreshold: 3,
};

export const sidecarReadiness: Probe = {
  httpGet: { path: '/health', port: portNames.sidecarHttp },
  periodSeconds: 5,
  timeoutSeconds: 5,
  failureThreshold: 3,
};

/** A hung agent is restarted; mysqld beside it runs on. */
export const sidecarLiveness: Probe = {
  httpGet: { path: '/livez', port: portNames.sidecarHttp },
  initialDelaySeconds: 30,
  periodSeconds: 10,
  timeoutSeconds: 5,
  failureThreshold: 6,
};

/** The exporter's landing page: its /metrics asks mysqld, and a hung mysqld is no reason to restart the exporter. */
export const exporterLiveness: Probe = {
  httpGet: { path: '/', port: portNames.prometheus },
  initialDelaySeconds: 30,
  periodSeconds: 30,
  timeoutSeconds: 30,
  failureThreshold: 3,
};

/** Holds the end of the pod until the primary has moved elsewhere (the agent answers after 25 s at the latest). */
export const movePrimaryAway: Opaque = { preStop: { httpGet: { path: '/prestop', port: agentPort } } };
