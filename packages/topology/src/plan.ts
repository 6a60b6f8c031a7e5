import type { OrdersChange } from './operations/orders.ts';
import type { AckSet } from './snapshot.ts';

/**
 * A change of the topology as data: its steps run in order, each under its own deadline. What happens when a step fails
 * or runs out of time stands in the step: `abort` undoes the plan, `go-on` carries on without it (the repair loop will
 * see to the rest), `escalate` turns a switchover into a failover because its primary is gone.
 */
export interface Plan {
  /** `order`: somebody ordered it, and it leaves the primary where it is. */
  readonly kind: 'bootstrap' | 'failover' | 'switchover' | 'reopen' | 'order';
  readonly from: string;
  /** The instance to promote as far as it is known now; a failover chooses when the receivers are stopped. */
  readonly to: string;
  /** `to` was ordered: if it may lead, it gets what it lacks from the others rather than leave the lead to them. */
  readonly insists?: true;
  readonly reason: string;
  /** The ack set that binds until the new primary is open. */
  readonly previousAckSet: AckSet;
  /**
   * Why no acknowledged commit is lost and nobody else is open: enough of the ack set is seen, or (commits waited for
   * nobody) the old primary is proven to be closed, or (an operation taken up) it answers, closed, and stands for its epoch. Absent means `acks`.
   */
  readonly safeBy?: 'acks' | 'fence' | 'old-primary';
  readonly steps: readonly Step[];
  /** What `record-orders` writes. */
  readonly orders?: OrdersChange;
}

export interface Step {
  readonly do: StepKind;
  readonly deadlineMs: number;
  readonly otherwise: 'abort' | 'go-on' | 'escalate';
  /** Runs beside the steps after it: until `settle`, which waits for it, or for as long as it takes, which nobody waits for. */
  readonly beside: false | 'until-settle' | 'freely';
  /** The instance that it is about, for steps of an order. */
  readonly instance?: string;
  /** From whom that instance replicates or copies. */
  readonly source?: string;
}

export type StepKind =
  /** Give the first instance its accounts and databases. */
  | 'prepare-first'
  /** Write the intent of a switchover down; the old primary is still open. */
  | 'record-intent'
  /** Write the new epoch down, on condition that nobody else did. */
  | 'record-epoch'
  /** See that the epoch is still the recorded one. */
  | 'confirm-epoch'
  /** Let the candidate apply what the old primary has, while that still takes writes. */
  | 'catch-up'
  /** Lead new connections to the candidate: those that the old primary has go on there. */
  | 'lead-clients'
  /** Put the siblings under the candidate, while the old primary still takes writes. */
  | 'move-siblings'
  /** Close the old primary (super_read_only). */
  | 'close-old'
  /** Kill the old primary's server by its agent. */
  | 'fence-old'
  /** See that the old primary's server is gone: its agent kills it and says so, or its port refuses. */
  | 'prove-fence'
  /** Stop every receiver: from here on the old primary can have nothing acknowledged. */
  | 'stop-receivers'
  /** Choose among what is seen now, and see enough of the ack set. */
  | 'choose'
  /** Tell the agent of the old primary what others have received of it, so that it comes back without the rest. */
  | 'rewind-old'
  /** Let the candidate apply all that it holds, or all that the closed primary has. */
  | 'drain'
  /** Write down the ack set under which the new primary will open. */
  | 'record-ack-set'
  /** Semi-sync source on, read_only off. */
  | 'promote'
  /** Tell the event bus and record that the primary is open. */
  | 'publish'
  /** Take the new primary out of replication: the source that it followed is closed or gone. */
  | 'detach'
  /** Put the others under the new primary. */
  | 're-point'
  /** End the operation once enough of the new ack set hold what the new primary opened with. */
  | 'settle'
  /** Write an order down in `status.topology.orders`. */
  | 'record-orders'
  /** Have an instance acknowledge nothing more, and take it out of the ack set once others hold what it holds. */
  | 'leave-ack-set'
  /** Put an instance under another source. */
  | 're-parent'
  /** Have an instance's agent begin to copy another's data over its own. */
  | 'rebuild'
  /** Kill an instance's server and keep it from starting; without an agent, close it and stop its replication. */
  | 'hold'
  /** Let an instance's server start again. */
  | 'release'
  /** Look at every instance now. */
  | 'look';

export const step = (kind: StepKind, deadlineMs: number, otherwise: Step['otherwise'] = 'abort'): Step => ({
  do: kind,
  deadlineMs,
  otherwise,
  beside: false,
});

const beside = (kind: StepKind, deadlineMs: number, how: 'until-settle' | 'freely'): Step => ({
  do: kind,
  deadlineMs,
  otherwise: 'go-on',
  beside: how,
});

/** Record → fence → choose → drain → promote → publish → settle. The stopped receivers are the fence that always works. */
export const failoverSteps: readonly Step[] = [
  step('record-epoch', 5_000),
  beside('fence-old', 10_000, 'freely'),
  step('stop-receivers', 1_500, 'go-on'),
  step('choose', 2_000),
  beside('rewind-old', 5_000, 'freely'),
  step('drain', 600_000),
  step('record-ack-set', 5_000),
  beside('re-point', 5_000, 'until-settle'),
  step('promote', 10_000),
  beside('detach', 10_000, 'until-settle'),
  step('publish', 10_000),
  step('settle', 10_000),
];

/** Nobody acknowledged, so the stopped receivers fence nothing: the old primary must be seen to be gone first. */
export const fencedFailoverSteps: readonly Step[] = failoverSteps.map((one) =>
  one.do === 'fence-old' ? step('prove-fence', 10_000) : one,
);

/**
 * The Service moves first, then the siblings, with writes going on: while kube-proxies follow, which takes the processors of busy
 * nodes, a commit has all replicas to wait for, not just the candidate. From `close-old` to `promote` nobody takes writes: a few
 * milliseconds, and clients that reconnect after it are led to the new primary already.
 */
export const switchoverSteps: readonly Step[] = [
  step('record-intent', 5_000),
  step('catch-up', 5_000),
  step('lead-clients', 2_000, 'go-on'),
  // New connections are refused meanwhile: a sibling that hangs is put under the new primary when it is open.
  step('move-siblings', 1_500, 'go-on'),
  step('record-epoch', 5_000),
  step('close-old', 1_500, 'escalate'),
  step('drain', 5_000, 'escalate'),
  step('promote', 10_000),
  beside('detach', 10_000, 'until-settle'),
  step('publish', 10_000),
  beside('re-point', 5_000, 'until-settle'),
  step('settle', 10_000),
];

export const bootstrapSteps: readonly Step[] = [
  step('record-epoch', 5_000),
  step('prepare-first', 60_000),
  step('promote', 10_000),
  step('publish', 10_000),
  step('settle', 5_000),
];

/** The primary of this epoch came back closed, with all its data, before anybody else was promoted. */
export const reopenSteps: readonly Step[] = [
  step('confirm-epoch', 5_000),
  beside('re-point', 5_000, 'until-settle'),
  step('promote', 10_000),
  step('detach', 10_000, 'go-on'),
  step('publish', 10_000),
];

/** The tail of a list of steps, from the first of that kind. */
export function stepsFrom(steps: readonly Step[], first: StepKind): readonly Step[] {
  return steps.slice(steps.findIndex((candidate) => candidate.do === first));
}
