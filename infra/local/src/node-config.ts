import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { certificatePath, keyPath } from './certificates.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { layout, type NodeLayout } from './layout.ts';

/** The files a node's processes read, and their content (a daemon is started again when what it reads has changed). */
export interface NodeConfig {
  readonly containerd: string;
  readonly kubelet: string;
  readonly proxy: string;
  readonly socket: string;
  readonly contents: { readonly containerd: string; readonly kubelet: string; readonly proxy: string };
}

export function writeNodeConfig(node: NodeLayout, cniPlugins: string, sandboxImage: string): NodeConfig {
  const config = {
    containerd: join(node.diskDir, 'containerd.toml'),
    kubelet: join(node.diskDir, 'kubelet.yaml'),
    proxy: join(node.diskDir, 'kube-proxy.yaml'),
    socket: join(node.stateDir, 'containerd.sock'),
    contents: {
      containerd: containerdConfig(node, cniPlugins, sandboxImage),
      kubelet: kubeletConfig(node),
      proxy: proxyConfig(node),
    },
  };
  write(config.containerd, config.contents.containerd);
  write(config.kubelet, config.contents.kubelet);
  write(config.proxy, config.contents.proxy);
  write(join(node.diskDir, 'cni/10-pilotfish.conflist'), cniConfig(node));
  write(join(node.diskDir, 'resolv.conf'), '');
  return config;
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function containerdConfig(node: NodeLayout, cniPlugins: string, sandboxImage: string): string {
  const socket = join(node.stateDir, 'containerd.sock');
  // restrict_oom_score_adj: without CAP_SYS_RESOURCE runc fails to make a process likelier to survive than its parent.
  return `version = 3
root = '${join(node.diskDir, 'containerd')}'
state = '${join(node.stateDir, 'containerd')}'
disabled_plugins = ['io.containerd.snapshotter.v1.btrfs', 'io.containerd.snapshotter.v1.zfs', 'io.containerd.snapshotter.v1.devmapper']

[grpc]
  address = '${socket}'

# Its socket has one place for the whole machine, which the nodes share.
[plugins.'io.containerd.nri.v1.nri']
  disable = true

[plugins.'io.containerd.internal.v1.opt']
  path = '${join(node.diskDir, 'opt')}'

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '${sandboxImage}'

[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true

[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['${cniPlugins}']
  conf_dir = '${join(node.diskDir, 'cni')}'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  SystemdCgroup = false
`;
}

/**
 * Pods are routed, not bridged: with a bridge, a reply between two pods of one node would pass below the rules that have
 * to turn a Service's address back.
 */
function cniConfig(node: NodeLayout): string {
  const ipam = {
    type: 'host-local',
    dataDir: join(node.diskDir, 'ipam'),
    ranges: [[{ subnet: node.podRange }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  const plugins = [
    { type: 'ptp', ipMasq: false, ipam },
    { type: 'portmap', capabilities: { portMappings: true } },
  ];
  return JSON.stringify({ cniVersion: '1.0.0', name: 'pilotfish', plugins }, undefined, 2);
}

function kubeletConfig(node: NodeLayout): string {
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: node.address,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: certificatePath('ca') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: certificatePath(node.name),
    tlsPrivateKeyFile: keyPath(node.name),
    containerRuntimeEndpoint: `unix://${join(node.stateDir, 'containerd.sock')}`,
    clusterDNS: [layout.dnsServiceAddress],
    clusterDomain: layout.dnsDomain,
    resolvConf: join(node.diskDir, 'resolv.conf'),
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${node.name}`,
    failCgroupV1: false,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    nodeStatusUpdateFrequency: '4s',
    // Renewed every 3 s, so that a node counts as lost 20 s after its end (control-plane.ts) and not much sooner.
    nodeLeaseDurationSeconds: 12,
    podLogsDir: join(node.diskDir, 'pod-logs'),
    volumePluginDir: join(node.diskDir, 'volume-plugins'),
    // The disk belongs to the host, which may have filled it with other things.
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '500Mi',
      'imagefs.available': '500Mi',
      'nodefs.inodesFree': '1%',
    },
    imageGCHighThresholdPercent: 99,
    imageGCLowThresholdPercent: 98,
    registryPullQPS: 0,
    serializeImagePulls: false,
  });
}

function proxyConfig(node: NodeLayout): string {
  return stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: writeKubeconfig('kube-proxy') },
    hostnameOverride: node.name,
    clusterCIDR: layout.podRange,
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    // Writes what has changed, without a program: 60 ms on a busy machine, 90 ms in the mode iptables.
    mode: 'nftables',
    // A Service follows its pods at once; with the default of 1 s the second change in a second waits.
    nftables: { minSyncPeriod: '100ms' },
    healthzBindAddress: `${node.address}:10256`,
    metricsBindAddress: '127.0.0.1:10249',
  });
}
