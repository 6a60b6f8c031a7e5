import { whatLiftsDivergence } from './diverged.ts';
import { errantOf } from './errant.ts';
import { lagOf } from './lag.ts';
import { instancePolicy } from './policy.ts';
import { troubleOfReplica } from './replica-trouble.ts';
import {
  type AgentView,
  type InstanceEvidence,
  type InstanceView,
  instanceNamed,
  type Snapshot,
  viewOf,
} from './snapshot.ts';
import { sourceOf } from './source-of.ts';
import { timing } from './timing.ts';

/** The named states of an instance, as published in `status.topology.instances`. */
export type InstanceState =
  | 'Blank'
  | 'Provisioning'
  | 'Unreachable'
  | 'Detached'
  | 'Broken'
  | 'CatchingUp'
  | 'Replicating'
  | 'Primary'
  | 'Diverged';

/** Separate facts, because eligibility is not readiness: an instance may serve reads and not be fit to lead. */
export interface InstanceFacts {
  readonly name: string;
  /** Who it is known to be: remembered while it does not answer. */
  readonly serverUuid?: string;
  readonly state: InstanceState;
  readonly serving: boolean;
  readonly attached: boolean;
  readonly lagged: boolean;
  readonly caughtUp: boolean;
  readonly readOnly: boolean;
  readonly message?: string;
}

/**
 * What is known of each instance. Of one that was not tried yet nothing is: what was published of it before stays, so that an
 * engine that takes over does not make the others look dead for the moment that it needs to ask them.
 */
export function describeInstances(snapshot: Snapshot, before: readonly InstanceFacts[] = []): readonly InstanceFacts[] {
  const primary = instanceNamed(snapshot, snapshot.recorded.primary);
  return snapshot.instances.map((instance) => {
    const known = before.find(({ name }) => name === instance.name);
    const uuid = viewOf(instance)?.serverUuid ?? known?.serverUuid ?? snapshot.recorded.identities[instance.name];
    const identity = uuid === undefined ? {} : { serverUuid: uuid };
    if (!known) return { ...describe(instance, primary, snapshot), ...identity };
    // A server that refuses the operator's password runs: its clients are served as before.
    if (instance.contact.kind === 'denied') return { ...known, message: whyUnreachable(instance) };
    const isUnknown = instance.contact.kind === 'untried' || (instance !== primary && isBrieflySilent(instance, known));
    return isUnknown ? known : { ...describe(instance, primary, snapshot), ...identity };
  });
}

/**
 * A replica that leaves one observer without an answer serves its readers perhaps as well as before: on a busy machine it is the observer
 * that is slow. One that hangs is taken out of the Services at once by its readiness probe, and its agent says so here.
 */
function isBrieflySilent({ contact, agent, podExists, serverEnded, nodeLost }: InstanceEvidence, known: InstanceFacts) {
  if (contact.kind !== 'silent' || contact.forMs >= timing.replicaSilentMs || known.state === 'Primary') return false;
  if (agent && (!agent.running || agent.hungMs >= timing.primarySilentMs)) return false;
  return podExists && !serverEnded && !nodeLost;
}

function describe(
  instance: InstanceEvidence,
  primary: InstanceEvidence | undefined,
  snapshot: Snapshot,
): InstanceFacts {
  const view = viewOf(instance);
  const nothing = {
    name: instance.name,
    serving: false,
    attached: false,
    lagged: false,
    caughtUp: false,
    readOnly: true,
  };
  const provisioning = instance.agent?.provisioning;
  const volume = troubleOfVolume(instance.agent);
  if (volume !== undefined) return { ...nothing, state: 'Broken', message: volume, ...answering(view) };
  if (provisioning === 'cloning' || provisioning === 'saving-errant' || provisioning === 'initializing') {
    return { ...nothing, state: 'Provisioning', message: instance.agent?.detail ?? provisioning };
  }
  const { fenced } = instancePolicy(snapshot.policy, instance.name);
  if (fenced) return { ...nothing, state: 'Detached', message: `fenced by ${fenced.by}: ${fenced.reason}` };
  if (!view) return { ...nothing, state: 'Unreachable', message: whyUnreachable(instance) };
  if (view.executed.isEmpty()) return { ...nothing, state: 'Blank', message: 'it has no data yet' };
  if (instance === primary) {
    return { ...nothing, state: 'Primary', serving: true, attached: true, caughtUp: true, readOnly: view.readOnly };
  }
  return { ...nothing, ...describeReplica(instance, view, primary, snapshot), readOnly: view.readOnly };
}

function troubleOfVolume(agent: AgentView | undefined): string | undefined {
  if (agent?.fileSystemReadOnly) return 'the file system of its volume has become read-only';
  if (agent?.diskFull) return 'its volume is full: free space, or enlarge it';
  const stalledMs = agent?.ioStalledMs ?? 0;
  return stalledMs >= timing.ioStoppedMs ? 'its volume takes no writes and returns no error' : undefined;
}

function answering(view: InstanceView | undefined): Partial<InstanceFacts> {
  return view ? { serving: true, readOnly: view.readOnly } : {};
}

function followsAsWanted(
  instance: InstanceEvidence,
  sourceHost: string,
  primary: InstanceEvidence | undefined,
  snapshot: Snapshot,
): boolean {
  if (!primary) return false;
  const wanted = sourceOf(instance, snapshot, primary);
  return wanted.kind === 'follow' && wanted.source.host === sourceHost;
}

function describeReplica(
  instance: InstanceEvidence,
  view: InstanceView,
  primary: InstanceEvidence | undefined,
  snapshot: Snapshot,
): Omit<InstanceFacts, 'name' | 'readOnly'> {
  const primaryView = viewOf(primary);
  const down = { serving: true, attached: false, lagged: false, caughtUp: false };
  if (primaryView) {
    const errant = errantOf(view, primaryView);
    if (!errant.isEmpty())
      return {
        ...down,
        serving: false,
        state: 'Diverged',
        message: `errant transactions: ${shorten(errant.toString())}${whatLiftsDivergence(snapshot.policy)}`,
      };
  }
  const { replication } = view;
  if (
    !replication ||
    replication.receiver === 'OFF' ||
    !followsAsWanted(instance, replication.sourceHost, primary, snapshot)
  ) {
    return { ...down, state: 'Detached', message: replication?.receiverError || 'it does not follow the primary' };
  }
  if (replication.applierErrno !== 0) {
    return {
      ...down,
      state: 'Broken',
      message: `error ${replication.applierErrno}: ${shorten(replication.applierError)}`,
    };
  }
  const attached = replication.receiver === 'ON' && replication.applier === 'ON';
  const lagMs = lagOf(view, snapshot);
  const lagged = lagMs > snapshot.maxLagSeconds * 1_000;
  const caughtUp = attached && lagMs < 5_000;
  const message = troubleOfReplica(view, snapshot);
  return {
    serving: true,
    attached,
    lagged,
    caughtUp,
    state: caughtUp ? 'Replicating' : 'CatchingUp',
    ...(message !== undefined && { message }),
  };
}

/** Says the same for as long as it lasts. */
export function whyUnreachable({ contact, podExists, agentless }: InstanceEvidence): string {
  if (!podExists) return 'its pod does not exist';
  switch (contact.kind) {
    case 'refused':
      return 'its server does not accept connections: it is starting, or stopped';
    case 'silent':
      return 'its server does not answer';
    case 'denied':
      return contact.because === 'connections'
        ? `it has no connection left for the operator: ${contact.reason}`
        : `it refuses the operator's password${agentless ? '' : ' (Secret <cluster>-mysql-operated)'}: ${contact.reason}`;
    case 'unsupported':
      return `what answers there can't be managed: ${contact.reason}`;
    case 'impostor':
      return `another server answers at its address (server_uuid ${contact.serverUuid}, not ${contact.expected}): nothing is done to it`;
    case 'unplaced':
      return 'its pod has no address yet';
    default:
      return 'it has not been reached yet';
  }
}

const shorten = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
