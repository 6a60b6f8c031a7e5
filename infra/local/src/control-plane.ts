import { join } from 'node:path';
import { certificatePath, keyPath } from './certificates.ts';
import { ensureCgroup, weighCgroup } from './cgroup.ts';
import { type DaemonSpec, ensureDaemon, isDaemonRunning, stopDaemon } from './daemon.ts';
import { isApiServerReady } from './kube-api.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { layout } from './layout.ts';
import { runDir } from './paths.ts';
import { toolPaths } from './tools.ts';
import { DaemonError, waitForDaemon } from './wait-for-daemon.ts';

const ETCD_URL = `https://${layout.hostAddress}:2379`;
const ETCD_PEER_URL = `http://${layout.hostAddress}:2380`;

/** Starts what doesn't run of etcd, kube-apiserver, kube-controller-manager, kube-scheduler and the volume provisioner. */
export async function ensureControlPlane(): Promise<void> {
  const tools = await toolPaths(['etcd', 'kubernetes']);
  writeKubeconfig('admin');
  ensureCgroup(layout.controlPlaneCgroup);
  // Elsewhere it has machines of its own. Without this, each of three busy nodes would have as much as it.
  weighCgroup(layout.controlPlaneCgroup, 4);
  await ensureDaemon(etcd(tools.etcd));
  const restarted = await ensureDaemon(apiServer(tools.kubernetes));
  const apiServerReady = waitForDaemon(
    'kube-apiserver',
    'the API server is ready',
    60_000,
    async () => await isApiServerReady(),
  );
  await apiServerReady.catch((error: unknown) => {
    // It waits for etcd in silence.
    if (!isDaemonRunning('etcd')) throw new DaemonError('etcd', 'has ended', error);
    throw error;
  });
  for (const spec of [
    controllerManager(tools.kubernetes),
    scheduler(tools.kubernetes),
    provisioner(tools.kubernetes),
  ]) {
    // They would find the new API server by themselves, but only after a back-off.
    if (restarted) await stopDaemon(spec.name, 'SIGTERM');
    await ensureDaemon(spec);
  }
  for (const [name, port] of [
    ['kube-controller-manager', 10257],
    ['kube-scheduler', 10259],
  ] as const) {
    const url = `https://127.0.0.1:${port}/healthz`;
    await waitForDaemon(name, `${name} is healthy`, 30_000, async () => await isApiServerReady(url));
  }
}

function daemon(name: string, kubernetes: string, args: readonly string[]): DaemonSpec {
  return { name, command: kubernetes, args: [name, ...args], cgroup: layout.controlPlaneCgroup };
}

function etcd(command: string): DaemonSpec {
  const args = [
    `--data-dir=${join(runDir, 'etcd')}`,
    `--listen-client-urls=${ETCD_URL}`,
    `--advertise-client-urls=${ETCD_URL}`,
    `--listen-peer-urls=${ETCD_PEER_URL}`,
    `--initial-advertise-peer-urls=${ETCD_PEER_URL}`,
    `--initial-cluster=default=${ETCD_PEER_URL}`,
    // Pods reach the host's address: without a certificate they would be administrators here.
    '--client-cert-auth',
    `--trusted-ca-file=${certificatePath('ca')}`,
    `--cert-file=${certificatePath('etcd')}`,
    `--key-file=${keyPath('etcd')}`,
    // One disk serves the whole cluster and the databases on it; this one is rebuilt in seconds.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
  return { name: 'etcd', command, args, cgroup: layout.controlPlaneCgroup };
}

function apiServer(kubernetes: string): DaemonSpec {
  return daemon('kube-apiserver', kubernetes, [
    `--etcd-servers=${ETCD_URL}`,
    `--etcd-cafile=${certificatePath('ca')}`,
    `--etcd-certfile=${certificatePath('etcd')}`,
    `--etcd-keyfile=${keyPath('etcd')}`,
    `--bind-address=${layout.hostAddress}`,
    `--advertise-address=${layout.hostAddress}`,
    '--secure-port=6443',
    `--service-cluster-ip-range=${layout.serviceRange}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    `--client-ca-file=${certificatePath('ca')}`,
    `--tls-cert-file=${certificatePath('kube-apiserver')}`,
    `--tls-private-key-file=${keyPath('kube-apiserver')}`,
    `--kubelet-certificate-authority=${certificatePath('ca')}`,
    `--kubelet-client-certificate=${certificatePath('kubelet-client')}`,
    `--kubelet-client-key=${keyPath('kubelet-client')}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--service-account-issuer=https://kubernetes.default.svc.${layout.dnsDomain}`,
    `--service-account-key-file=${certificatePath('service-account').replace(/crt$/, 'pub')}`,
    `--service-account-signing-key-file=${keyPath('service-account')}`,
    // The host has no kube-proxy: webhooks are called at their pods' addresses.
    '--enable-aggregator-routing=true',
    // A pod leaves a lost node after 10 s, not 5 min, so that tests of it take their time from us and not from the default.
    '--default-not-ready-toleration-seconds=10',
    '--default-unreachable-toleration-seconds=10',
  ]);
}

function controllerManager(kubernetes: string): DaemonSpec {
  return daemon('kube-controller-manager', kubernetes, [
    ...clientOf('kube-controller-manager'),
    '--bind-address=127.0.0.1',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${keyPath('service-account')}`,
    `--root-ca-file=${certificatePath('ca')}`,
    `--cluster-signing-cert-file=${certificatePath('ca')}`,
    `--cluster-signing-key-file=${keyPath('ca')}`,
    '--node-monitor-grace-period=20s',
    // Endpoints are deprecated, and nobody reads them here: each label of a Service's pod that moves would write them all again.
    '--controllers=*,-endpoints-controller,-endpointslice-mirroring-controller',
    // One of its kind: a lease would only be something to lose when the machine is busy.
    '--leader-elect=false',
  ]);
}

function scheduler(kubernetes: string): DaemonSpec {
  return daemon('kube-scheduler', kubernetes, [
    ...clientOf('kube-scheduler'),
    '--bind-address=127.0.0.1',
    '--leader-elect=false',
  ]);
}

function provisioner(kubernetes: string): DaemonSpec {
  return daemon('local-provisioner', kubernetes, [
    `--kubeconfig=${writeKubeconfig('local-provisioner')}`,
    `--directory=${layout.volumesDir}`,
  ]);
}

function clientOf(identity: string): string[] {
  const kubeconfig = writeKubeconfig(identity);
  return ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map(
    (flag) => `--${flag}=${kubeconfig}`,
  );
}
