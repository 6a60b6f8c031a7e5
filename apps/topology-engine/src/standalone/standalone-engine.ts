import type { ResolvedCluster, TopologyStatus } from '@pilotfish/api';
import type { ClusterControl, Engine, Location } from '../http/engine.ts';

export interface StandaloneEngineOptions {
  readonly name: string;
  readonly keys: () => readonly string[];
  /** A cluster as listed. */
  readonly cluster: (key: string) => ResolvedCluster | undefined;
  /** What was recorded of it last. */
  readonly recorded: (key: string) => TopologyStatus | undefined;
  readonly loop: (key: string) => ClusterControl | undefined;
}

/** The engine outside Kubernetes as the API sees it: every cluster is its own. */
export function standaloneEngine({ name, keys, cluster, recorded, loop }: StandaloneEngineOptions): Engine {
  return {
    name,
    keys,
    cluster(key) {
      const listed = cluster(key);
      const topology = recorded(key);
      return listed && { ...listed, status: { ...listed.status, ...(topology && { topology }) } };
    },
    locate(key): Location {
      const control = loop(key);
      return control ? { kind: 'here', control } : { kind: 'nobody', why: 'the engine is about to begin' };
    },
  };
}
