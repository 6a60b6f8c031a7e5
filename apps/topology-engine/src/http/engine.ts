import type { ResolvedCluster } from '@pilotfish/api';
import type { ClusterLoop } from '../cluster-loop.ts';
import { Refused } from './refused.ts';

/** What the API needs to know of the engine that it is the front of. */
export interface Engine {
  /** Name of this engine. */
  readonly name: string;
  /** `namespace/name` of every cluster there is, whoever looks after it. */
  keys(): readonly string[];
  /** A cluster as recorded. */
  cluster(key: string): ResolvedCluster | undefined;
  locate(key: string): Location;
}

/** Who looks after a cluster. */
export type Location =
  | { readonly kind: 'here'; readonly control: ClusterControl }
  | { readonly kind: 'elsewhere'; readonly engine: string; readonly host: string; readonly port: number }
  | { readonly kind: 'nobody'; readonly why: string };

/** A cluster that is looked after here. */
export type ClusterControl = Pick<ClusterLoop, 'look' | 'onLook' | 'runs' | 'orders' | 'journal'>;

/** The cluster, for what only its own engine can answer. @throws Refused when it is not looked after here */
export function controlOf(engine: Engine, key: string): ClusterControl {
  const location = engine.locate(key);
  if (location.kind === 'here') return location.control;
  const why = location.kind === 'nobody' ? location.why : `${location.engine} looks after it`;
  throw new Refused(503, 'NotReady', `${engine.name} does not look after ${key}: ${why}`);
}
