import { type InstanceState, labelKeys, selectorLabels } from '@pilotfish/api';
import type { Pod } from '@pilotfish/kube';
import { clusterView, type Instance, type RawCluster, type Topology } from './cluster-view.ts';
import { podView } from './pod-view.ts';

/** Builders of cluster shop/orders for tests. */

export const clusterKey = 'shop/orders';
export const podNameOf = (ordinal: number): string => `orders-mysql-${String(ordinal)}`;

const statesThatServe: readonly InstanceState[] = ['Primary', 'Replicating', 'CatchingUp', 'Detached', 'Diverged'];

export function instance(ordinal: number, state: InstanceState, facts: Partial<Instance> = {}): Instance {
  return {
    name: podNameOf(ordinal),
    state,
    serving: statesThatServe.includes(state),
    attached: state === 'Primary' || state === 'Replicating' || state === 'CatchingUp',
    lagged: false,
    caughtUp: state === 'Replicating',
    readOnly: state !== 'Primary',
    ...facts,
  };
}

/** Primary 0 of epoch 3 takes writes, 1 and 2 replicate from it. */
export function topology(facts: Partial<Topology> = {}): Topology {
  return {
    primary: podNameOf(0),
    epoch: 3,
    writable: true,
    instances: [instance(0, 'Primary'), instance(1, 'Replicating'), instance(2, 'Replicating')],
    ...facts,
  };
}

export function rawCluster(status: unknown, { replicas = 3, resourceVersion = '1' } = {}): RawCluster {
  return {
    apiVersion: 'mysql.presslabs.org/v1alpha1',
    kind: 'MysqlCluster',
    metadata: { name: 'orders', namespace: 'shop', uid: 'cluster-uid', resourceVersion },
    spec: { replicas, secretName: 'orders-secret' },
    status,
  };
}

export function cluster(of: Topology | undefined, options?: Parameters<typeof rawCluster>[1]) {
  return clusterView(rawCluster(of === undefined ? {} : { topology: of }, options));
}

export interface PodOptions {
  readonly role?: string;
  readonly healthy?: string;
  readonly uid?: string;
  readonly ready?: boolean;
  readonly clusterLabel?: string;
  readonly name?: string;
}

export function rawPod(ordinal: number, options: PodOptions = {}): Pod {
  const { role, healthy, uid = `uid-${String(ordinal)}`, ready = true, clusterLabel = 'orders' } = options;
  return {
    metadata: {
      name: options.name ?? podNameOf(ordinal),
      namespace: 'shop',
      uid,
      resourceVersion: '1',
      labels: {
        ...selectorLabels(clusterLabel),
        ...(role === undefined ? {} : { [labelKeys.role]: role }),
        ...(healthy === undefined ? {} : { [labelKeys.healthy]: healthy }),
      },
    },
    spec: { containers: [] },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

export function pod(ordinal: number, options?: PodOptions) {
  return podView(rawPod(ordinal, options));
}
