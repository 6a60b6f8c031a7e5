import type { FormerPrimaryStatus, TopologyStatus } from '@pilotfish/api';
import { GtidSet } from '@pilotfish/gtid';
import { messageOf } from '@pilotfish/service';
import type { FormerPrimary, Recorded, RecordedOperation } from '@pilotfish/topology';
import type { TopologyStore } from '../inventory.ts';
import { LapsedError, OutrunError, type Tenure } from '../tenure.ts';

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
 * The recorded topology of one cluster, as this engine knows it. Each change is written on condition that owner, epoch and
 * operation are the ones that it started from: of two engines that act on the same evidence, one loses here.
 */
export class TopologyRecord implements Tenure {
  readonly #store: TopologyStore;
  readonly #key: string;
  readonly #holdsLease: () => boolean;
  /** As this engine wrote itself in. */
  #owner: TopologyStatus['owner'];
  #stored: TopologyStatus | undefined;
  #writes: Promise<void> = Promise.resolve();

  private constructor(store: TopologyStore, key: string, holdsLease: () => boolean) {
    this.#store = store;
    this.#key = key;
    this.#holdsLease = holdsLease;
  }

  /** Reads it past every cache: what an engine takes over must not be old. */
  static async open(
    store: TopologyStore,
    key: string,
    holdsLease: () => boolean = () => true,
  ): Promise<TopologyRecord> {
    const record = new TopologyRecord(store, key, holdsLease);
    await record.refresh();
    return record;
  }

  /** Makes this engine the owner, whoever is. @throws OutrunError if another one was faster */
  async claim(engine: string): Promise<void> {
    const owner = { engine, term: (this.current.owner?.term ?? 0) + 1 };
    await this.update({ owner });
    this.#owner = owner;
  }

  /** Lets go of the cluster: the next owner need not wait. @throws OutrunError */
  async release(): Promise<void> {
    await this.update(({ owner }) => ({ owner: { engine: '', term: owner?.term ?? 0 } }));
    this.#owner = undefined;
  }

  /** As far as this engine has heard. */
  get isOwned(): boolean {
    return this.#owner !== undefined && this.current.owner?.term === this.#owner.term;
  }

  /** The number of this engine's time as the owner. */
  get term(): number {
    return this.#owner?.term ?? 0;
  }

  get name(): string {
    return `${this.#owner?.engine ?? 'nobody'} ${String(this.term)}`;
  }

  check(): void {
    if (!this.#holdsLease()) throw new LapsedError('the lease of this engine has run out');
    if (this.#owner && !this.isOwned)
      throw new OutrunError(`${this.current.owner?.engine ?? ''} owns this cluster now`);
  }

  async confirm(): Promise<void> {
    const read = await this.#store.read(this.#key).catch((error: unknown) => {
      throw new LapsedError(`whose the cluster is can't be asked: ${messageOf(error)}`);
    });
    if (read?.owner?.term !== this.#owner?.term)
      throw new OutrunError(`${read?.owner?.engine ?? ''} owns this cluster now`);
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

  /** Sees that the API server still has this owner, epoch and operation. @throws OutrunError */
  async confirmEpoch(): Promise<void> {
    await this.update({});
  }

  async #write(change: Change): Promise<void> {
    this.check();
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
