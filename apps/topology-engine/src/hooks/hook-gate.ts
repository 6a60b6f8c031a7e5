import type { HookMoment } from '@pilotfish/api';
import type { Clock, Logger } from '@pilotfish/service';
import { type Decision, instancePolicy, type Plan, type Snapshot } from '@pilotfish/topology';
import { hostOfPod, type InstanceHost } from '../inventory.ts';
import type { Hook } from './hook.ts';
import type { HookFacts } from './placeholders.ts';
import { type HookOutcome, runHook } from './run-hook.ts';

export interface HookGateOptions {
  /** `<namespace>/<name>` of the cluster. */
  readonly key: string;
  readonly engine: string;
  readonly hooks: () => readonly Hook[];
  /** Where an instance is, as hooks are told; as a pod unless given. */
  readonly hostOf?: (instance: string) => InstanceHost | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The hooks that a plan waits for are done. */
  readonly onDone: () => void;
}

/** What a plan waits for: its `before-` hooks, once for each epoch and kind, or for each order. */
interface Asked {
  readonly about: string;
  readonly deadlineMs: number;
  /** Undefined while they run. */
  answer: { readonly at: number; readonly vetoes: readonly string[] } | undefined;
}

/** What an order meets: hooks that run until then at the latest, or what those said that vetoed it. */
export type OrderObstacle = { readonly untilMs: number } | { readonly vetoed: string };

/** After a veto, until the hooks are asked again, milliseconds. */
const vetoMs = 30_000;

type Told = Pick<Plan, 'kind' | 'from' | 'to' | 'reason'>;

/**
 * Stands between the decision and the plan. Hooks never run inside the loop: while those before a plan run, the decision is
 * held, and when they are done (or their time is over) it is made anew, on evidence that is fresh then. Those after it
 * are waited for by nobody.
 */
export class HookGate {
  readonly #options: HookGateOptions;
  #asked: Asked | undefined;
  #askedForOrder: Asked | undefined;
  #detected = -1;

  constructor(options: HookGateOptions) {
    this.#options = options;
  }

  /** The decision, or a hold in place of its plan while hooks run or after a veto. */
  review(decision: Decision, snapshot: Snapshot): Decision {
    this.#tellDetection(decision, snapshot);
    const { plan, state } = decision;
    if (state === 'OperationInterrupted') return decision;
    if (!plan || (plan.kind !== 'failover' && plan.kind !== 'switchover')) {
      this.#asked = undefined;
      return decision;
    }
    const moment = momentBefore(plan.kind);
    const hooks = this.#of(moment);
    if (hooks.length === 0) return decision;
    const now = this.#options.clock.nowMs();
    const about = `${plan.kind} ${String(snapshot.recorded.epoch)}`;
    const isStale = this.#asked?.answer !== undefined && isVetoOver(this.#asked.answer, now);
    if (!this.#asked || this.#asked.about !== about || isStale) {
      this.#asked = this.#ask(about, hooks, this.#facts(moment, plan, state, snapshot));
    }
    return held(decision, plan, this.#asked, now);
  }

  /** What keeps the plan of an order from beginning; undefined when nothing does. To be called until then. */
  reviewOrder(id: string, plan: Plan, snapshot: Snapshot): OrderObstacle | undefined {
    if (plan.kind !== 'failover' && plan.kind !== 'switchover') return undefined;
    const moment = momentBefore(plan.kind);
    const hooks = this.#of(moment);
    if (hooks.length === 0) return undefined;
    if (this.#askedForOrder?.about !== id) {
      this.#askedForOrder = this.#ask(id, hooks, this.#facts(moment, plan, '', snapshot));
    }
    const { answer, deadlineMs } = this.#askedForOrder;
    if (!answer) return { untilMs: deadlineMs };
    const { vetoes } = answer;
    return vetoes.length > 0 ? { vetoed: `a hook vetoed the ${plan.kind}: ${vetoes.join('; ')}` } : undefined;
  }

  /** After a plan: nobody waits for these hooks. */
  ended(plan: Plan, snapshot: Snapshot, ok: boolean): void {
    this.#asked = undefined;
    if (plan.kind !== 'failover' && plan.kind !== 'switchover') return;
    const done = plan.kind === 'failover' ? 'after-failover' : 'after-switchover';
    const to = ok ? snapshot.recorded.primary : '';
    this.#tell(ok ? done : 'after-failed', { ...plan, to }, '', snapshot);
  }

  #ask(about: string, hooks: readonly Hook[], facts: HookFacts): Asked {
    const { clock, onDone } = this.#options;
    const deadlineMs = clock.nowMs() + Math.max(...hooks.map(({ timeoutMs }) => timeoutMs));
    const asked: Asked = { about, deadlineMs, answer: undefined };
    void Promise.all(hooks.map(async (hook) => ({ hook, outcome: await this.#run(hook, facts) }))).then((outcomes) => {
      const vetoes = outcomes.flatMap(({ hook, outcome }) => (hook.veto && !outcome.ok ? [outcome.reason] : []));
      asked.answer = { at: clock.nowMs(), vetoes };
      onDone();
    });
    return asked;
  }

  #tellDetection({ state, plan, hold }: Decision, snapshot: Snapshot): void {
    const { epoch, primary } = snapshot.recorded;
    const isFailure = state === 'PrimaryDead' || state === 'PrimaryEmptied' || plan?.kind === 'failover';
    if (!isFailure || state === 'OperationInterrupted' || this.#detected === epoch) return;
    this.#detected = epoch;
    const reason = plan?.reason ?? hold?.message ?? state;
    this.#tell('failure-detected', { kind: 'failover', from: primary, to: plan?.to ?? '', reason }, state, snapshot);
  }

  #tell(moment: HookMoment, told: Told, state: string, snapshot: Snapshot): void {
    const facts = this.#facts(moment, told, state, snapshot);
    for (const hook of this.#of(moment)) void this.#run(hook, facts);
  }

  async #run(hook: Hook, facts: HookFacts): Promise<HookOutcome> {
    const outcome = await runHook(hook, facts);
    const { logger } = this.#options;
    if (outcome.ok) logger.info({ hook: hook.command[0], on: hook.on }, 'hook done');
    else logger.warn({ hook: hook.command[0], on: hook.on, reason: outcome.reason }, 'hook failed');
    return outcome;
  }

  #of(moment: HookMoment): readonly Hook[] {
    return this.#options.hooks().filter(({ on }) => on === moment);
  }

  #facts(moment: HookMoment, { kind, from, to, reason }: Told, state: string, snapshot: Snapshot): HookFacts {
    const { key, hostOf } = this.#options;
    const [namespace = '', cluster = ''] = key.split('/');
    const { policy, recorded, instances } = snapshot;
    const names = instances.map(({ name }) => name);
    return {
      moment,
      namespace,
      cluster,
      epoch: recorded.epoch,
      kind: kind === 'switchover' ? 'switchover' : 'failover',
      state,
      reason,
      from,
      to,
      replicas: names.filter((name) => name !== from && name !== to),
      hosts: Object.fromEntries(names.map((name) => [name, hostOf?.(name) ?? hostOfPod(key, name)])),
      ok: moment === 'after-failover' || moment === 'after-switchover',
      inDowntime: instancePolicy(policy, from).downtime !== undefined,
      recoverPrimary: policy.failover.recoverPrimary,
      recoverIntermediatePrimary: policy.failover.recoverIntermediatePrimary,
      engine: this.#options.engine,
    };
  }
}

const momentBefore = (kind: 'failover' | 'switchover'): HookMoment =>
  kind === 'failover' ? 'before-failover' : 'before-switchover';

const isVetoOver = ({ at, vetoes }: NonNullable<Asked['answer']>, now: number): boolean =>
  vetoes.length > 0 && now - at >= vetoMs;

function held(decision: Decision, { kind, to }: Plan, { deadlineMs, answer }: Asked, now: number): Decision {
  if (answer?.vetoes.length === 0) return decision;
  const { plan: _, ...others } = decision;
  const does = `${kind === 'failover' ? 'fails' : 'switches'} over to ${to}`;
  if (!answer) {
    const next = { afterMs: Math.max(deadlineMs - now, 0), does };
    const message = `the hooks before a ${kind} run`;
    return { ...others, hold: { reason: 'HookRunning', message, lifts: 'they are done, or their time is over', next } };
  }
  const next = { afterMs: Math.max(answer.at + vetoMs - now, 0), does: 'asks the hooks again' };
  const message = `a hook vetoed the ${kind}: ${answer.vetoes.join('; ')}`;
  return { ...others, hold: { reason: 'HookVetoed', message, lifts: 'the hook ends with exit code 0', next } };
}
