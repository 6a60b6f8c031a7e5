import { fieldManagers, parseCluster, type TopologyStatus, topologyStatus } from '@pilotfish/api';
import { type JsonPatch, type KubeClient, KubeError, type KubeObject } from '@pilotfish/kube';
import type { Clock } from '@pilotfish/service';
import type { EngineCondition, TopologyStore } from '../inventory.ts';
import { mysqlClusters } from '../kube-inventory.ts';

const writeOptions = { subresource: 'status', fieldManager: fieldManagers.topologyEngine, deadlineMs: 4_000 } as const;

/** The topology in the status of the MysqlCluster: the API server is the arbiter between engines. */
export class KubeStore implements TopologyStore {
  readonly #client: KubeClient;
  readonly #clock: Clock;

  constructor(client: KubeClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async read(key: string): Promise<TopologyStatus | undefined> {
    const object = await this.#client.find(mysqlClusters, refOf(key), { deadlineMs: writeOptions.deadlineMs });
    const status = statusOf(object);
    const topology = status?.topology;
    return topology === undefined ? undefined : topologyStatus.parse(topology);
  }

  /**
   * A JSON patch whose `test` operations name the epoch and the operation that must be there: unlike a resourceVersion it
   * does not fail because another service wrote its own part of the status.
   */
  async replace(key: string, next: TopologyStatus, expected: TopologyStatus | undefined): Promise<boolean> {
    try {
      if (expected === undefined) return await this.#create(key, next);
      const tests: JsonPatch = [
        { op: 'test', path: '/status/topology/epoch', value: expected.epoch },
        { op: 'test', path: '/status/topology/primary', value: expected.primary },
        { op: 'test', path: '/status/topology/owner', value: expected.owner ?? null },
        // Of two engines that both believe: what one made less demanding must not be undone in the record by the other.
        { op: 'test', path: '/status/topology/ackSet', value: expected.ackSet },
        { op: 'test', path: '/status/topology/writable', value: expected.writable },
        ...operationTests(expected),
      ];
      await this.#client.patchJson(
        mysqlClusters,
        refOf(key),
        [...tests, { op: 'replace', path: '/status/topology', value: next }],
        writeOptions,
      );
      return true;
    } catch (error: unknown) {
      if (error instanceof KubeError && isOutrun(error)) return false;
      throw error;
    }
  }

  async setConditions(key: string, conditions: readonly EngineCondition[]): Promise<void> {
    const object = await this.#client.find(mysqlClusters, refOf(key), { deadlineMs: writeOptions.deadlineMs });
    if (!object) return;
    const parsed = parseCluster(object);
    const before = parsed.ok ? (parsed.cluster.status.conditions ?? []) : [];
    const now = this.#clock.wall().toISOString();
    const applied = conditions.map((condition) => {
      const old = before.find(({ type }) => type === condition.type);
      const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : now;
      return { ...condition, message: condition.message.slice(0, 32_000), lastTransitionTime };
    });
    const status = { conditions: applied };
    const { namespace = '', name, uid } = object.metadata;
    const metadata = { namespace, name, ...(uid !== undefined && { uid }) };
    await this.#client.apply(mysqlClusters, { metadata, status } as never, { ...writeOptions, force: true });
  }

  /** The first write: on condition that nobody has written the object since it was read without a topology. */
  async #create(key: string, next: TopologyStatus): Promise<boolean> {
    const object = await this.#client.get(mysqlClusters, refOf(key), { deadlineMs: writeOptions.deadlineMs });
    if (statusOf(object)?.topology !== undefined) return false;
    const { resourceVersion } = object.metadata;
    await this.#client.patchMerge(
      mysqlClusters,
      refOf(key),
      { metadata: { resourceVersion }, status: { topology: next } },
      writeOptions,
    );
    return true;
  }
}

/** The operation that must be there, and who carries it out; null is true of what is not there. */
function operationTests({ operation }: TopologyStatus): JsonPatch {
  if (!operation) return [{ op: 'test', path: '/status/topology/operation', value: null }];
  return [
    { op: 'test', path: '/status/topology/operation/id', value: operation.id },
    { op: 'test', path: '/status/topology/operation/engine', value: operation.engine },
  ];
}

/** A failed `test` is Invalid without a cause; what the schema refuses has causes, and is our own fault. */
function isOutrun(error: KubeError): boolean {
  return error.isConflict || error.isNotFound || (error.isInvalid && error.causes.length === 0);
}

function refOf(key: string): { namespace: string; name: string } {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}

function statusOf(object: KubeObject | undefined): Record<string, unknown> | undefined {
  const status: unknown = object && 'status' in object ? object.status : undefined;
  return typeof status === 'object' && status !== null ? (status as Record<string, unknown>) : undefined;
}
