import type { TopologyStatus } from '@pilotfish/api';
import type { Recorded } from '@pilotfish/topology';
import type { TopologyStore } from '../inventory.ts';

/** Another engine recorded something first; what this one was about to do is void. */
export class OutrunError extends Error {
  override readonly name = 'OutrunError';
}

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

  /** @throws OutrunError if another engine changed epoch or operation meanwhile; the record is then read anew */
  async update(change: Partial<TopologyStatus>): Promise<void> {
    const next = withoutUndefined({ ...this.current, ...change });
    if (await this.#store.replace(this.#key, next, this.#stored)) {
      this.#stored = next;
      return;
    }
    await this.refresh();
    throw new OutrunError(`epoch ${String(next.epoch)} could not be recorded: another engine acts on this cluster`);
  }

  /** Ends the operation, and with it any hold. */
  async endOperation(change: Partial<TopologyStatus>): Promise<void> {
    const { operation: _ended, hold: _lifted, ...rest } = { ...this.current, ...change };
    const stored = this.#stored;
    if (await this.#store.replace(this.#key, rest, stored)) {
      this.#stored = rest;
      return;
    }
    await this.refresh();
    throw new OutrunError('the end of the operation could not be recorded: another engine acts on this cluster');
  }

  /** Sees that the API server still has this epoch and operation. @throws OutrunError */
  async confirm(): Promise<void> {
    await this.update({});
  }

  async refresh(): Promise<void> {
    this.#stored = await this.#store.read(this.#key);
  }
}

function withoutUndefined(status: TopologyStatus): TopologyStatus {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined)) as TopologyStatus;
}

/** The part of the record that decisions read. */
export function recordedFacts({ primary, epoch, initialized, ackSet, writable, operation }: TopologyStatus): Recorded {
  return {
    primary,
    epoch,
    initialized,
    ackSet,
    writable,
    ...(operation && {
      operation: {
        ...operation,
        phase: operation.phase === 'preparing' ? ('preparing' as const) : ('switching' as const),
      },
    }),
  };
}
