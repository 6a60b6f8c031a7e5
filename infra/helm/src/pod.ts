import type { Manifest } from './helm.ts';

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy: string;
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly resources: { readonly requests: Record<string, string>; readonly limits: Record<string, string> };
  readonly securityContext: Record<string, unknown>;
}

export interface Workload {
  readonly name: string;
  readonly replicas: number;
  readonly selector: Record<string, string>;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly pod: Record<string, unknown> & {
    readonly containers: readonly Container[];
    readonly securityContext: Record<string, unknown>;
  };
  readonly container: Container;
}

/** A Deployment or StatefulSet, seen from its pods. */
export function workload(manifest: Manifest): Workload {
  const spec = manifest.spec as {
    replicas: number;
    selector: { matchLabels: Record<string, string> };
    template: {
      metadata: { labels: Record<string, string>; annotations: Record<string, string> };
      spec: Workload['pod'];
    };
  };
  const { metadata, spec: pod } = spec.template;
  const [container] = pod.containers;
  if (container === undefined) throw new Error(`${manifest.metadata.name} has no container`);
  return {
    name: manifest.metadata.name,
    replicas: spec.replicas,
    selector: spec.selector.matchLabels,
    labels: metadata.labels,
    annotations: metadata.annotations,
    pod,
    container,
  };
}

export const workloads = (manifests: readonly Manifest[]): Workload[] =>
  manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet').map(workload);

export const environment = (container: Container): Record<string, string | undefined> =>
  Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]));
