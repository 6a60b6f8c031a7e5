import type { ResourceRequirements } from '@pilotfish/api';

/**
 * The parts of Kubernetes objects that this service writes. Only what is set here is owned by it (server-side apply),
 * so the types are as narrow as what it builds; sub-objects that users give are passed through unread.
 */

/** JSON that a user wrote and Kubernetes validates. */
export type Opaque = Readonly<Record<string, unknown>>;

export type Labels = Readonly<Record<string, string>>;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: true;
  readonly blockOwnerDeletion: true;
}

export interface ManifestMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly ownerReferences?: readonly OwnerReference[];
}

/** An object to apply. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ManifestMetadata;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: Opaque;
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
}

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string | number };
  readonly initialDelaySeconds?: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number; readonly protocol: 'TCP' }[];
  readonly env: readonly EnvVar[];
  readonly envFrom?: readonly Opaque[];
  readonly resources?: ResourceRequirements;
  readonly volumeMounts: readonly (VolumeMount | Opaque)[];
  readonly lifecycle?: Opaque;
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly securityContext: Opaque;
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Labels; readonly annotations: Labels };
  readonly spec: Opaque & {
    readonly initContainers: readonly (Container | Opaque)[];
    readonly containers: readonly (Container | Opaque)[];
    readonly volumes: readonly Opaque[];
  };
}

export interface ClaimTemplate extends Opaque {
  readonly metadata: { readonly name: string; readonly labels?: Labels };
  readonly spec: ClaimSpec;
}

export interface ClaimSpec extends Opaque {
  readonly accessModes?: readonly string[] | undefined;
  readonly storageClassName?: string | undefined;
  readonly resources?:
    | { readonly requests?: { readonly storage?: string | number | undefined } | undefined }
    | undefined;
}

export interface StatefulSetManifest extends Manifest {
  readonly spec: {
    readonly replicas: number;
    readonly serviceName: string;
    readonly podManagementPolicy: string;
    readonly updateStrategy: { readonly type: 'OnDelete' };
    readonly persistentVolumeClaimRetentionPolicy: {
      readonly whenDeleted: 'Delete' | 'Retain';
      readonly whenScaled: 'Retain';
    };
    readonly revisionHistoryLimit: number;
    readonly selector: { readonly matchLabels: Labels };
    readonly template: PodTemplate;
    readonly volumeClaimTemplates?: readonly ClaimTemplate[];
  };
}

export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
  readonly protocol: 'TCP';
}

export interface ServiceManifest extends Manifest {
  readonly spec: {
    readonly type?: 'ClusterIP';
    readonly clusterIP?: 'None';
    readonly publishNotReadyAddresses?: boolean;
    readonly selector: Labels;
    readonly ports: readonly ServicePort[];
  };
}

export interface ConfigMapManifest extends Manifest {
  readonly data: Readonly<Record<string, string>>;
}

export interface SecretManifest extends Manifest {
  readonly type: 'Opaque';
  readonly data: Readonly<Record<string, string>>;
}

export interface PodDisruptionBudgetManifest extends Manifest {
  readonly spec: {
    readonly minAvailable: number | string;
    readonly unhealthyPodEvictionPolicy: 'AlwaysAllow';
    readonly selector: { readonly matchLabels: Labels };
  };
}
