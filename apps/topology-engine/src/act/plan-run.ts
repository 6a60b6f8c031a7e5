import type { TopologyStatus } from '@pilotfish/api';
import { GtidSet } from '@pilotfish/gtid';
import type { Clock, Logger } from '@pilotfish/service';
import type { AckSet, FormerPrimary, Plan, Snapshot } from '@pilotfish/topology';
import type { Credentials } from '../inventory.ts';
import type { Announcer } from '../record/announcer.ts';
import type { TopologyRecord } from '../record/topology-record.ts';
import type { PlanMember } from './plan-member.ts';
import type { Seen } from './replication.ts';

/** What the steps of a plan work with, and all that they change something by: a rehearsal gives them one that changes nothing. */
export interface PlanContext {
  /** Name of this engine's pod: whoever carries an operation out stands in the record. */
  readonly engine: string;
  readonly record: TopologyRecord;
  readonly announce: Announcer;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Evidence as of now. */
  snapshot(): Snapshot;
  member(name: string): PlanMember | undefined;
  members(): readonly PlanMember[];
  /** The label by which the Services choose that instance, as it is now; undefined where there are no Services. */
  role(name: string): string | undefined;
}

/** What work beside the loop works with. */
export interface TaskContext extends PlanContext {
  /** Aborted when the topology that the work was decided on ends: no further statement is sent, nothing more is recorded. */
  readonly signal: AbortSignal;
}

/** A step could not do its work; the message names the predicate that failed. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

/** One execution of a plan: what is fixed at its start, and what its steps find out for those after them. */
export class PlanRun {
  readonly plan: Plan;
  readonly context: PlanContext;
  readonly startedAt: number;
  /** The instance to promote; `choose` may change it. */
  candidate: string;
  /** What the candidate must have applied before it opens. */
  mustApply = GtidSet.empty;
  /** The instance that holds what the candidate lacks; undefined when it lacks nothing. */
  via: string | undefined;
  /** The instances whose receivers this run stopped, and what they held then. */
  readonly seen = new Map<string, Seen & { readonly atMs: number }>();
  /** What others had received of the old primary, if that is certain; `choose` finds it out. */
  formerPrimary: FormerPrimary | undefined;
  /** Another run began the operation: it may have opened the new primary. */
  readonly isTakenUp: boolean;
  /** From here on the plan is carried to its end, not undone. */
  opened = false;
  openedAfterMs = 0;
  /** The orders in force before this run recorded others. */
  replacedOrders: { readonly orders: TopologyStatus['orders'] } | undefined;

  constructor(plan: Plan, context: PlanContext) {
    this.plan = plan;
    this.context = context;
    this.candidate = plan.to;
    this.isTakenUp = context.record.current.operation !== undefined;
    this.startedAt = context.clock.nowMs();
  }

  get topology(): TopologyStatus {
    return this.context.record.current;
  }

  get ackSet(): AckSet {
    return this.topology.ackSet;
  }

  get operationId(): string {
    return this.topology.operation?.id ?? `${this.plan.kind}-${String(this.topology.epoch)}`;
  }

  /** @throws StepFailed if that instance is not there */
  need(name: string): PlanMember {
    const member = this.context.member(name);
    if (!member) throw new StepFailed(`${name} is not there`);
    return member;
  }

  get elapsedMs(): number {
    return Math.round(this.context.clock.nowMs() - this.startedAt);
  }
}
