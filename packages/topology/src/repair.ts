import type { GtidSet } from '@pilotfish/gtid';
import { repairDiverged } from './diverged.ts';
import { errantOf } from './errant.ts';
import { lagOf } from './lag.ts';
import { instancePolicy } from './policy.ts';
import { type InstanceEvidence, type InstanceView, instanceNamed, type Snapshot, viewOf } from './snapshot.ts';
import { sourceOf } from './source-of.ts';
import { timing } from './timing.ts';

/** What one instance needs so that it follows the primary again. */
export type Repair =
  /** It answers, but replicates from nobody or from the wrong source. */
  | { readonly do: 'attach'; readonly instance: string; readonly source: string; readonly reason: string }
  /** It is the primary, and still has a source from which it would take transactions. */
  | { readonly do: 'detach'; readonly instance: string; readonly reason: string }
  /** It is the primary of a cluster that is to be read-only, and is open. */
  | { readonly do: 'make-read-only'; readonly instance: string; readonly reason: string }
  /** It is open for writes and is not the primary. */
  | { readonly do: 'close'; readonly instance: string; readonly reason: string }
  /** Copy a donor's data over it; `errant` is saved first when there is any. */
  | {
      readonly do: 'clone';
      readonly instance: string;
      readonly donor: string;
      readonly reason: string;
      readonly errant: GtidSet | undefined;
    }
  /** Find out which of its errant transactions change nothing. */
  | { readonly do: 'examine'; readonly instance: string; readonly errant: GtidSet; readonly reason: string }
  /** Give the primary empty transactions in the place of errant ones that change nothing. */
  | { readonly do: 'fill'; readonly instance: string; readonly gtids: GtidSet; readonly reason: string }
  /** It is fenced, and its server runs. */
  | { readonly do: 'hold'; readonly instance: string; readonly reason: string }
  /** Its applier stopped without an error. */
  | { readonly do: 'start-applier'; readonly instance: string; readonly reason: string }
  /** Nothing can be done now; says why. */
  | { readonly do: 'wait'; readonly instance: string; readonly reason: string };

/** The source no longer has the binary logs that this replica would need next, or can't read them: MySQL error 1236. */
const cannotBeSent = /fatal error 1236/;

/** The repairs of a cluster whose primary is open, at most one an instance and one clone a donor. */
export function planRepairs(snapshot: Snapshot): readonly Repair[] {
  const primary = instanceNamed(snapshot, snapshot.recorded.primary);
  const primaryView = viewOf(primary);
  if (!primary || !primaryView) return [];
  const donors = new DonorPool(snapshot, primary);
  const repairs: Repair[] = [];
  if (snapshot.readOnly && !primaryView.readOnly) {
    repairs.push({ do: 'make-read-only', instance: primary.name, reason: 'spec.readOnly is set' });
  }
  const { follows } = instancePolicy(snapshot.policy, primary.name);
  if (primaryView.replication && !primaryView.readOnly && follows === undefined) {
    const reason = `it is the primary, and would replicate from ${primaryView.replication.sourceHost}`;
    repairs.push({ do: 'detach', instance: primary.name, reason });
  }
  for (const instance of snapshot.instances) {
    if (instance === primary) continue;
    const repair = repairOf(instance, primary, primaryView, donors, snapshot);
    if (repair) repairs.push(repair);
  }
  return repairs;
}

function repairOf(
  instance: InstanceEvidence,
  primary: InstanceEvidence,
  primaryView: InstanceView,
  donors: DonorPool,
  snapshot: Snapshot,
): Repair | undefined {
  const view = viewOf(instance);
  if (!view || instance.ending) return undefined;
  const name = instance.name;
  if (instance.agent?.provisioning === 'cloning' || instance.agent?.provisioning === 'saving-errant') return undefined;
  if (!view.readOnly)
    return { do: 'close', instance: name, reason: `${name} is open for writes, but ${primary.name} is the primary` };
  const { fenced } = instancePolicy(snapshot.policy, name);
  if (fenced) return holdFenced(instance, view, `fenced by ${fenced.by}: ${fenced.reason}`);
  if (instance.ordinal >= snapshot.wantedReplicas) return undefined;
  if (view.executed.isEmpty() && !canCatchUpFromNothing(instance, primaryView))
    return clone(instance, donors, 'it has no data', undefined);
  const errant = errantOf(view, primaryView);
  if (!errant.isEmpty() && instance.agentless) {
    return clone(instance, donors, `it holds transactions that ${primary.name} lacks: ${errant.toString()}`, errant);
  }
  if (!errant.isEmpty()) {
    return repairDiverged({ instance, errant, primary, policy: snapshot.policy }, (reason) =>
      clone(instance, donors, reason, errant),
    );
  }
  const wanted = sourceOf(instance, snapshot, primary);
  if (wanted.kind === 'wait') return { do: 'wait', instance: name, reason: wanted.reason };
  const { source } = wanted;
  const purged = viewOf(source)?.purged;
  if (purged && !view.executed.contains(purged)) {
    return clone(instance, donors, `${source.name} no longer has the binary logs that it needs`, undefined);
  }
  return repairReplication(instance, view, source, donors);
}

/** Where no agent could clone, a blank instance takes the primary's binary logs from the first on, if they are all there. */
function canCatchUpFromNothing(instance: InstanceEvidence, primary: InstanceView): boolean {
  return instance.agentless === true && primary.purged.isEmpty();
}

/** A fence lasts longer than the pod whose agent holds the server down. */
function holdFenced({ name }: InstanceEvidence, view: InstanceView, reason: string): Repair | undefined {
  const isOut = view.readOnly && view.replication?.receiver !== 'ON' && view.replication?.applier !== 'ON';
  return isOut ? undefined : { do: 'hold', instance: name, reason };
}

function repairReplication(
  instance: InstanceEvidence,
  view: InstanceView,
  source: InstanceEvidence,
  donors: DonorPool,
): Repair | undefined {
  const name = instance.name;
  const { replication } = view;
  const attach = (reason: string): Repair => ({ do: 'attach', instance: name, source: source.name, reason });
  if (!replication) return attach('it replicates from nobody');
  if (cannotBeSent.test(replication.receiverError)) {
    return clone(instance, donors, `its receiver can't go on: ${replication.receiverError}`, undefined);
  }
  if (replication.sourceHost !== source.host) return attach(`it follows ${replication.sourceHost}`);
  if (replication.receiver === 'OFF') return attach('its receiver is stopped');
  if (replication.applierErrno !== 0) {
    return {
      do: 'wait',
      instance: name,
      reason: `its applier stopped with error ${replication.applierErrno}: ${replication.applierError}`,
    };
  }
  if (replication.applier === 'OFF') return { do: 'start-applier', instance: name, reason: 'its applier is stopped' };
  return undefined;
}

function clone(instance: InstanceEvidence, donors: DonorPool, reason: string, errant: GtidSet | undefined): Repair {
  if (instance.agentless) {
    return { do: 'wait', instance: instance.name, reason: `${reason}; no agent is there to copy: clone it by hand` };
  }
  const failed =
    instance.agent?.provisioning === 'failed' ? ` (the last attempt failed: ${instance.agent.detail})` : '';
  const donor = donors.take();
  if (donor === undefined) {
    return { do: 'wait', instance: instance.name, reason: `${reason}; waiting for a donor${failed}` };
  }
  return { do: 'clone', instance: instance.name, donor, reason: `${reason}${failed}`, errant };
}

/** Donors of this pass: replicas that follow well; the primary only when there is no such replica. Each serves one clone. */
class DonorPool {
  readonly #free: string[];

  constructor(snapshot: Snapshot, primary: InstanceEvidence) {
    const replicas = snapshot.instances.filter(
      (instance) => instance !== primary && canDonate(instance, primary, snapshot),
    );
    const busy = snapshot.instances.filter((instance) => instance.agent?.provisioning === 'cloning').length;
    const donors = (replicas.length > 0 ? replicas : [primary]).map((instance) => instance.name);
    this.#free = donors.slice(Math.min(busy, donors.length));
  }

  take(): string | undefined {
    return this.#free.shift();
  }
}

/** Whether an instance is close enough to the primary to be copied from. One that has diverged itself would hand on what the primary lacks. */
export function canDonate(instance: InstanceEvidence, primary: InstanceEvidence, snapshot: Snapshot): boolean {
  const view = viewOf(instance);
  const primaryView = viewOf(primary);
  const replication = view?.replication;
  return (
    view !== undefined &&
    primaryView !== undefined &&
    !instance.leaving &&
    errantOf(view, primaryView).isEmpty() &&
    replication?.receiver === 'ON' &&
    replication.applier === 'ON' &&
    replication.sourceHost === primary.host &&
    lagOf(view, snapshot) < timing.switchoverMaxLagMs
  );
}
