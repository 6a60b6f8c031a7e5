import type { FormerPrimaryStatus, TopologyStatus } from '@pilotfish/api';
import { GtidSet } from '@pilotfish/gtid';
import type { FormerPrimary, Recorded, RecordedOperation } from '@pilotfish/topology';
import type { TopologyStore } from '../inventory.ts';

/** Another engine recorded something first; what this one was about to do is void. */
export class OutrunError extends Error {
  override readonly name = 'OutrunError';
}

type Change = { readonly [Field in keyof TopologyStatus]?: TopologyStatus[Field] | undefined };

const blank: TopologyStatus = {
  primary: '',
  epoch: 0,
  initialized: false,
  ackSet: { members: [], k: 0 },
  writable: false,
  instances: [],
};

/**
 * The recorded topology of one cluster, as this engine knows it. Each change is written on condition that epoch and
 * operation are the ones that it started from: of two engines that act on the same evidence, one loses here.
 */
export class TopologyRecord {
  readonly #store: TopologyStore;
  readonly #key: string;
  #stored: TopologyStatus | undefined;
  #writes: Promise<void> = Promise.resolve();

  private constructor(store: TopologyStore, key: string, stored: TopologyStatus | undefined) {
    this.#store = store;
    this.#key = key;
    this.#stored = stored;
  }

  /** Reads it past every cache: what an engine takes over must not be old. */
  static async open(store: TopologyStore, key: string): Promise<TopologyRecord> {
    return new TopologyRecord(store, key, await store.read(key));
  }

  get current(): TopologyStatus {
    return this.#stored ?? blank;
  }

  /**
   * Changes what is given, on top of what is recorded then; undefined removes a field. Changes are written one after the other.
   * @throws OutrunError if another engine changed epoch, primary or operation meanwhile; the record is then read anew
   */
  async update(change: Change | ((current: TopologyStatus) => Change)): Promise<void> {
    const write = this.#writes.then(() => this.#write(typeof change === 'function' ? change(this.current) : change));
    this.#writes = write.catch(() => undefined);
    await write;
  }

  /** Ends the operation, and with it any hold. @throws OutrunError */
  async endOperation(change: Change): Promise<void> {
    await this.update({ ...change, operation: undefined, hold: undefined });
  }

  /** Sees that the API server still has this epoch and operation. @throws OutrunError */
  async confirm(): Promise<void> {
    await this.update({});
  }

  async #write(change: Change): Promise<void> {
    const next = withoutUndefined({ ...this.current, ...change });
    if (await this.#store.replace(this.#key, next, this.#stored)) {
      this.#stored = next;
      return;
    }
    await this.refresh();
    throw new OutrunError(`epoch ${next.epoch} could not be recorded: another engine acts on this cluster`);
  }

  async refresh(): Promise<void> {
    this.#stored = await this.#store.read(this.#key);
  }
}

function withoutUndefined(status: Change): TopologyStatus {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined)) as TopologyStatus;
}

/** The part of the record that decisions read. */
export function recordedFacts(topology: TopologyStatus): Recorded {
  const { primary, epoch, initialized, ackSet, writable, operation, instances, formerPrimary } = topology;
  return {
    primary,
    epoch,
    initialized,
    ackSet,
    writable,
    identities: Object.fromEntries(
      instances.flatMap(({ name, serverUuid }) => (serverUuid === undefined ? [] : [[name, serverUuid]])),
    ),
    ...(operation && { operation: { ...operation, phase: phaseOf(operation.phase) } }),
    ...(formerPrimary && { formerPrimary: readFormerPrimary(formerPrimary) }),
  };
}

const longestReceived = 4_096;

/** Undefined when it is too long to be kept in a status: a primary that is back then is cloned at worst. */
export function formerPrimaryStatus({ name, serverUuid, received }: FormerPrimary): FormerPrimaryStatus | undefined {
  const text = received.toString();
  return text.length > longestReceived ? undefined : { name, serverUuid, received: text };
}

function readFormerPrimary({ name, serverUuid, received }: FormerPrimaryStatus): FormerPrimary {
  return { name, serverUuid, received: GtidSet.parse(received) };
}

/** What another release may have written there counts as the phase that binds most. */
function phaseOf(phase: string): RecordedOperation['phase'] {
  return phase === 'preparing' || phase === 'handing-over' ? phase : 'switching';
}
