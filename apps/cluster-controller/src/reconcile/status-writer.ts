import { type Condition, fieldManagers, type MysqlClusterStatus, type Phase, sameCondition } from '@pilotfish/api';
import { type KubeClient, keyOf } from '@pilotfish/kube';
import { mysqlClusters, type RawCluster } from './resources.ts';

/** The part of the status that this service writes. */
export interface OwnStatus {
  readonly observedGeneration: number;
  readonly readyNodes: number;
  readonly phase: Phase;
  readonly conditions: Condition[];
}

/** What the status said before, as far as it is this service's. */
export type PreviousStatus = Pick<MysqlClusterStatus, 'observedGeneration' | 'readyNodes' | 'phase' | 'conditions'>;

interface Written {
  readonly uid: string;
  readonly status: OwnStatus;
  /** What it took the place of; while the cache still says so, the cache is behind. */
  readonly superseded: readonly PreviousStatus[];
}

const rememberedVersions = 8;

/**
 * Writes the own part of a status when it says something new. Knows what it wrote while the cache does not yet, so that
 * nothing is told twice.
 */
export class StatusWriter {
  readonly #client: Pick<KubeClient, 'apply'>;
  readonly #written = new Map<string, Written>();

  constructor(client: Pick<KubeClient, 'apply'>) {
    this.#client = client;
  }

  /** The newest known status: the one in the cache, unless that is one that was replaced here. */
  previous(cluster: RawCluster, cached: PreviousStatus): PreviousStatus {
    const written = this.#written.get(keyOf(cluster));
    if (written === undefined || written.uid !== cluster.metadata.uid) return cached;
    if (written.superseded.some((status) => isSame(cached, status))) return written.status;
    this.#written.delete(keyOf(cluster));
    return cached;
  }

  /** True when it was written. */
  async write(cluster: RawCluster, previous: PreviousStatus, status: OwnStatus, signal: AbortSignal): Promise<boolean> {
    if (isSame(previous, status)) return false;
    const { namespace, name, uid = '' } = cluster.metadata;
    const metadata = { name, uid, ...(namespace ? { namespace } : {}) };
    await this.#client.apply(
      mysqlClusters,
      { metadata, status },
      {
        subresource: 'status',
        fieldManager: fieldManagers.clusterController,
        force: true,
        signal,
      },
    );
    const before = this.#written.get(keyOf(cluster))?.superseded ?? [];
    const superseded = [...before.filter((one) => !isSame(one, status)), previous].slice(-rememberedVersions);
    this.#written.set(keyOf(cluster), { uid, status, superseded });
    return true;
  }

  forget(key: string): void {
    this.#written.delete(key);
  }
}

const ownTypes = ['Ready', 'ConfigurationValid'] as const;

function isSame(a: PreviousStatus, b: PreviousStatus): boolean {
  return (
    a.observedGeneration === b.observedGeneration &&
    a.readyNodes === b.readyNodes &&
    a.phase === b.phase &&
    ownTypes.every((type) => {
      const [one, other] = [a, b].map(({ conditions }) => conditions?.find((condition) => condition.type === type));
      return other === undefined ? one === undefined : sameCondition(one, other);
    })
  );
}
