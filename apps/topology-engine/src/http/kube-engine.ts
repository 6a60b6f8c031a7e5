import type { ResolvedCluster } from '@pilotfish/api';
import type { Pod } from '@pilotfish/kube';
import type { ClusterControl, Engine, Location } from './engine.ts';

export interface KubeEngineOptions {
  /** Name of this engine's pod. */
  readonly self: string;
  readonly keys: () => readonly string[];
  readonly cluster: (key: string) => ResolvedCluster | undefined;
  readonly loop: (key: string) => ClusterControl | undefined;
  readonly ownerOf: (key: string) => string | undefined;
  readonly pod: (engine: string) => Pod | undefined;
  readonly apiPort: number;
}

/** The engines of one Kubernetes as the API sees them: each cluster is its owner's, which has a pod with an address. */
export function kubeEngine(options: KubeEngineOptions): Engine {
  const { self, keys, cluster, loop, ownerOf, pod, apiPort } = options;
  return {
    name: self,
    keys,
    cluster,
    locate(key): Location {
      const control = loop(key);
      if (control) return { kind: 'here', control };
      const owner = ownerOf(key);
      if (owner === undefined) return { kind: 'nobody', why: 'no engine is alive' };
      if (owner === self) return { kind: 'nobody', why: 'this engine is about to begin' };
      const host = pod(owner)?.status?.podIP;
      if (!host) return { kind: 'nobody', why: `${owner} has no address yet` };
      return { kind: 'elsewhere', engine: owner, host, port: apiPort };
    },
  };
}
