import type { Clock, Logger } from '@pilotfish/service';
import type { Decision, Plan, Snapshot } from '@pilotfish/topology';
import type { OrderObstacle } from '../hooks/hook-gate.ts';
import { type Order, type OrderRefusal, type PlannedOrder, planOrder } from './order.ts';
import type { PlanContext } from './plan-run.ts';
import { type Rehearsal, rehearse } from './rehearse.ts';
import type { RunLog, RunRecorder, RunReport } from './run-log.ts';

export type OrderAnswer = { readonly accepted: RunReport } | { readonly refused: OrderRefusal };

/** What an order would do, statement by statement. */
export interface Preview {
  readonly plan: Plan;
  readonly planId: string;
  readonly steps: Rehearsal;
}

/** An order whose plan is to be run now. */
export interface BegunOrder {
  readonly order: Order;
  readonly plan: Plan;
  /** What it was planned on. */
  readonly snapshot: Snapshot;
  readonly recorder: RunRecorder;
}

interface WaitingOrder {
  readonly order: Order;
  readonly answer: (answer: OrderAnswer) => void;
  /** Not given up before. */
  untilMs: number;
}

interface Seen {
  readonly decision: Decision;
  readonly context: PlanContext;
}

export interface OrderDeskOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runs: RunLog;
  readonly wake: () => void;
  /** Asks the hooks before a plan; absent: there are none. */
  readonly review?: (orderId: string, plan: Plan, snapshot: Snapshot) => OrderObstacle | undefined;
}

/** The loop looks twice a second: an order that nobody took for so long meets a loop that is stuck, milliseconds. */
const patienceMs = 5_000;

const notReady = { reason: 'NotReady', message: 'the engine has not looked at the cluster yet' } as const;
const stuck = { reason: 'NotReady', message: 'the engine does not get to it; nothing was done' } as const;

/**
 * Where orders for one cluster come in. They are carried out by the cluster's loop, between two looks, one at a time: here
 * they wait for it, and are refused when something else comes first.
 */
export class OrderDesk {
  readonly #options: OrderDeskOptions;
  #seen: Seen | undefined;
  #waiting: WaitingOrder | undefined;

  constructor(options: OrderDeskOptions) {
    this.#options = options;
  }

  /** What was shown last; undefined before the first look and after the last. */
  get seen(): Seen | undefined {
    return this.#seen;
  }

  /** What the loop sees and has decided, which orders are planned on. */
  show(seen: Seen): void {
    this.#seen = seen;
  }

  /** The loop has ended: nothing is carried out here any more. */
  close(): void {
    this.#seen = undefined;
    this.#waiting?.answer({ refused: notReady });
    this.#waiting = undefined;
  }

  /** What an order would do now. Changes nothing. */
  async preview(order: Order): Promise<Preview | { readonly refused: OrderRefusal }> {
    if (!this.#seen) return { refused: notReady };
    const { context } = this.#seen;
    const planned = planOrder(order, context.snapshot(), context.clock.wall().getTime());
    return 'refused' in planned ? planned : { ...planned, steps: await rehearse(planned.plan, context) };
  }

  /** Has an order carried out. Resolves when it is refused, or its plan has begun; the run log tells how it goes on. */
  async submit(order: Order): Promise<OrderAnswer> {
    const answer = await this.#await(order);
    const { id: operationId, operation, by, reason, params } = order;
    const announce = this.#seen?.context.announce;
    if ('refused' in answer) {
      this.#options.logger.info({ operation, by, refused: answer.refused }, 'an order was refused');
      announce?.event('operation-refused', { operation, by, ...answer.refused });
    } else {
      this.#options.logger.info({ operation, by, operationId, params, reason }, 'an order is carried out');
      announce?.event('operation-requested', { operation, by, operationId, reason });
    }
    return answer;
  }

  /**
   * For the loop: the order that waits, unless it has to be refused or hooks are asked about it. Its plan is then to be run
   * at once.
   */
  begin(): BegunOrder | undefined {
    const waiting = this.#waiting;
    if (!waiting || !this.#seen) return undefined;
    const snapshot = this.#seen.context.snapshot();
    const planned = this.#planNow(waiting, this.#seen, snapshot);
    if (planned === 'later') return undefined;
    this.#waiting = undefined;
    const { order, answer } = waiting;
    if ('refused' in planned) {
      answer(planned);
      return undefined;
    }
    const { id, operation, by } = order;
    const { epoch } = this.#seen.context.record.current;
    const recorder = this.#options.runs.begin({ id, operation, by, epoch, plan: planned.plan });
    answer({ accepted: recorder.report });
    return { order, plan: planned.plan, snapshot, recorder };
  }

  #planNow(waiting: WaitingOrder, { decision, context }: Seen, snapshot: Snapshot): PlannedOrder | 'later' {
    const { order } = waiting;
    const comesFirst = decision.plan ?? decision.abandon;
    if (comesFirst) return inProgress(`${comesFirst.kind} comes first: ${decision.plan?.reason ?? decision.state}`);
    const planned = planOrder(order, snapshot, context.clock.wall().getTime());
    if ('refused' in planned) return planned;
    const obstacle = this.#options.review?.(order.id, planned.plan, snapshot);
    if (!obstacle) return planned;
    if ('vetoed' in obstacle) return { refused: { reason: 'HookVetoed', message: obstacle.vetoed } };
    waiting.untilMs = obstacle.untilMs + patienceMs;
    return 'later';
  }

  async #await(order: Order): Promise<OrderAnswer> {
    const { clock, runs, wake } = this.#options;
    if (!this.#seen) return { refused: notReady };
    if (runs.running) return inProgress(`${runs.running.operation} ${runs.running.id} is not done yet`);
    if (this.#waiting) return inProgress(`${this.#waiting.order.operation} is about to be begun`);
    let answer: (answer: OrderAnswer) => void = () => undefined;
    const answered = new Promise<OrderAnswer>((resolve) => {
      answer = resolve;
    });
    const waiting = { order, answer, untilMs: clock.nowMs() + patienceMs };
    this.#waiting = waiting;
    wake();
    const done = new AbortController();
    const late = this.#late(waiting, done.signal).then(
      () => ({ refused: stuck }),
      () => answered,
    );
    const first = await Promise.race([answered, late]);
    done.abort();
    if (this.#waiting === waiting) this.#waiting = undefined;
    return first;
  }

  /** Hooks may put it off. */
  async #late(waiting: WaitingOrder, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (let leftMs = patienceMs; leftMs > 0; leftMs = waiting.untilMs - clock.nowMs())
      await clock.sleep(leftMs, signal);
  }
}

const inProgress = (message: string): { readonly refused: OrderRefusal } => ({
  refused: { reason: 'OperationInProgress', message },
});
