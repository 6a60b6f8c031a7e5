import type {
  V1LeaseSpec,
  V1NodeSpec,
  V1NodeStatus,
  V1PersistentVolumeClaimSpec,
  V1PersistentVolumeClaimStatus,
  V1PodDisruptionBudgetSpec,
  V1PodDisruptionBudgetStatus,
  V1PodSpec,
  V1PodStatus,
  V1ServiceSpec,
  V1ServiceStatus,
  V1StatefulSetSpec,
  V1StatefulSetStatus,
} from '@kubernetes/client-node';
import type { KubeObject } from './kube-object.ts';

/** client-node's types as the JSON really is: times are strings. Read-only, as all objects here. */
export type Json<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Json<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: Json<T[K]> }
      : T;

export type PodSpec = Json<V1PodSpec>;
export type PodStatus = Json<V1PodStatus>;
export type StatefulSetSpec = Json<V1StatefulSetSpec>;
export type ServiceSpec = Json<V1ServiceSpec>;
export type PersistentVolumeClaimSpec = Json<V1PersistentVolumeClaimSpec>;

export interface Pod extends KubeObject {
  readonly spec: PodSpec;
  readonly status?: PodStatus;
}

export interface Node extends KubeObject {
  readonly spec?: Json<V1NodeSpec>;
  readonly status?: Json<V1NodeStatus>;
}

export interface Service extends KubeObject {
  readonly spec: ServiceSpec;
  readonly status?: Json<V1ServiceStatus>;
}

export interface StatefulSet extends KubeObject {
  readonly spec: StatefulSetSpec;
  readonly status?: Json<V1StatefulSetStatus>;
}

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export interface Secret extends KubeObject {
  readonly type?: string;
  /** Base64. */
  readonly data?: Readonly<Record<string, string>>;
  /** Plain text; only ever written, the server moves it to `data`. */
  readonly stringData?: Readonly<Record<string, string>>;
}

export interface PodDisruptionBudget extends KubeObject {
  readonly spec: Json<V1PodDisruptionBudgetSpec>;
  readonly status?: Json<V1PodDisruptionBudgetStatus>;
}

export interface PersistentVolumeClaim extends KubeObject {
  readonly spec: PersistentVolumeClaimSpec;
  readonly status?: Json<V1PersistentVolumeClaimStatus>;
}

export interface Lease extends KubeObject {
  readonly spec?: Json<V1LeaseSpec>;
}

/** A Kubernetes Event as `kubectl describe` shows it (core/v1). */
export interface CoreEvent extends KubeObject {
  readonly involvedObject: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly namespace?: string;
    readonly name: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly source: { readonly component: string; readonly host?: string };
  readonly reportingComponent?: string;
  readonly reportingInstance?: string;
}
