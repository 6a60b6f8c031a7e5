import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from './clock.ts';
import type { Informer } from './informer.ts';
import { type KubeMetrics, noKubeMetrics } from './kube-metrics.ts';
import { type KubeObject, keyOf } from './kube-object.ts';
import { linkedAbort } from './linked-abort.ts';
import type { Logger } from './logger.ts';
import { type ReconcileResult, TerminalError } from './reconcile-result.ts';
import type { Change } from './store.ts';
import { WorkQueue, type WorkQueueOptions } from './work-queue.ts';

export interface ReconcileContext {
  /** Aborted at shutdown, on loss of leadership and at the deadline; its reason says which. Pass it on to every request. */
  readonly signal: AbortSignal;
  /** Carries controller, key and reconcileId. */
  readonly logger: Logger;
  /** Failures of this key in a row before this run. */
  readonly failures: number;
}

/** Reads everything about the key and makes it so. Idempotent; the event that led here is not known. */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<ReconcileResult>;

export interface ControllerOptions extends Omit<WorkQueueOptions, 'name'> {
  readonly name: string;
  readonly reconcile: Reconcile;
  readonly logger: Logger;
  /** Keys reconciled at a time; 1 unless given. The same key never is twice. */
  readonly concurrency?: number;
  /** Milliseconds until a reconcile's signal is aborted; 120,000 unless given. */
  readonly deadlineMs?: number;
  /** Least time between the beginnings of two reconciles of a key, milliseconds; none unless given. A burst of changes becomes two reconciles. */
  readonly spacingMs?: number;
  /** Milliseconds from a change that was seen to its reconcile; none unless given. For work that more urgent work should not wait for. */
  readonly gatherMs?: number;
}

/** Why a reconcile's signal was aborted when it took too long. */
export class ReconcileDeadlineError extends Error {
  override readonly name = 'ReconcileDeadlineError';
}

export interface WatchRule<S> {
  /** Keys to reconcile for an object; asked of the old and the new state. Its own key unless given. */
  readonly keysOf?: (object: S) => readonly string[];
  /** False: this change does not matter. */
  readonly when?: (change: Change<S>) => boolean;
}

interface WatchedInformer {
  readonly synced: Promise<void>;
}

/** Runs a reconcile for each key that informers or others name, never twice at a time for the same key. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #queue: WorkQueue;
  readonly #clock: Clock;
  readonly #metrics: KubeMetrics;
  readonly #deadlineMs: number;
  readonly #watched: WatchedInformer[] = [];
  /** When each key's last reconcile began, as long as that holds up the next. */
  readonly #beganMs = new Map<string, number>();

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#metrics = options.metrics ?? noKubeMetrics;
    this.#deadlineMs = options.deadlineMs ?? 120_000;
    this.#queue = new WorkQueue(options);
  }

  /** Reconciles what changes; `run` waits until the informer is synced. Call it before `run`. */
  watches<T extends KubeObject, I extends string, S extends KubeObject>(
    informer: Informer<T, I, S>,
    rule: WatchRule<S> | ((object: S) => readonly string[]) = {},
  ): this {
    const { keysOf = (object: S) => [keyOf(object)], when } = typeof rule === 'function' ? { keysOf: rule } : rule;
    const { gatherMs = 0 } = this.#options;
    this.#watched.push(informer);
    informer.onChange((change, { initial }) => {
      if (when && !when(change)) return;
      const objects = change.type === 'updated' ? [change.previous, change.object] : [change.object];
      for (const key of new Set(objects.flatMap(keysOf))) {
        if (initial) this.#queue.add(key, 'low');
        else this.#queue.addAfter(key, gatherMs);
      }
    });
    return this;
  }

  /** Reconcile this key as soon as may be. */
  add(key: string): void {
    this.#queue.add(key);
  }

  /** Reconcile this key in `ms` milliseconds; the earliest of several counts. */
  addAfter(key: string, ms: number): void {
    this.#queue.addAfter(key, ms);
  }

  /**
   * Works until the signal is aborted, then resolves once no reconcile runs any more. Never rejects: what a reconcile
   * throws is logged, counted and retried. Can be run once.
   */
  async run(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    const synced = Promise.all(this.#watched.map((informer) => informer.synced));
    await Promise.race([synced, aborted]);
    if (signal.aborted) {
      await this.#queue.shutDown();
      return;
    }
    this.#options.logger.info({ controller: this.#options.name }, 'controller runs');
    const workers = Array.from({ length: this.#options.concurrency ?? 1 }, () => this.#work(signal));
    await aborted;
    await this.#queue.shutDown();
    await Promise.all(workers);
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      const key = await this.#queue.get();
      if (key === undefined) return;
      const earlyMs = this.#earlyMs(key);
      try {
        if (earlyMs === 0) await this.#reconcile(key, signal);
      } finally {
        this.#queue.done(key);
      }
      if (earlyMs > 0) this.#queue.addAfter(key, earlyMs);
    }
  }

  /** How much too early a reconcile of the key would be now, milliseconds; if 0, it counts as begun. */
  #earlyMs(key: string): number {
    const { spacingMs = 0 } = this.#options;
    if (spacingMs === 0) return 0;
    const nowMs = this.#clock.nowMs();
    for (const [each, beganMs] of this.#beganMs) if (nowMs - beganMs >= spacingMs) this.#beganMs.delete(each);
    const beganMs = this.#beganMs.get(key);
    if (beganMs !== undefined) return beganMs + spacingMs - nowMs;
    this.#beganMs.set(key, nowMs);
    return 0;
  }

  async #reconcile(key: string, parent: AbortSignal): Promise<void> {
    const { name, reconcile } = this.#options;
    const logger = this.#options.logger.child({ controller: name, key, reconcileId: randomUUID() });
    const late = () => {
      // Said at once: a reconcile that does not heed its signal holds its worker until it ends by itself.
      logger.error({ deadlineMs: this.#deadlineMs }, 'reconcile takes too long');
      return new ReconcileDeadlineError(`${name} ${key}: not done after ${this.#deadlineMs} ms`);
    };
    const link = linkedAbort(parent, { ms: this.#deadlineMs, reason: late });
    const startedMs = this.#clock.nowMs();
    let outcome: string;
    try {
      const result = await reconcile(key, { signal: link.signal, logger, failures: this.#queue.failures(key) });
      outcome = this.#afterResult(key, result);
    } catch (error) {
      outcome = parent.aborted ? 'aborted' : this.#afterError(key, error, logger);
    } finally {
      link.dispose();
    }
    this.#metrics.reconciled(name, outcome, this.#clock.nowMs() - startedMs);
  }

  #afterResult(key: string, result: ReconcileResult): string {
    this.#queue.forget(key);
    switch (result.kind) {
      case 'done':
        return 'done';
      case 'requeue':
        this.#queue.addAfter(key, result.afterMs);
        return 'requeue';
      default:
        return result satisfies never;
    }
  }

  #afterError(key: string, error: unknown, logger: Logger): string {
    if (error instanceof TerminalError) {
      this.#queue.forget(key);
      logger.error({ err: error }, 'reconcile failed for good');
      return 'terminal';
    }
    const retryMs = this.#queue.addRateLimited(key);
    logger.warn({ err: error, retryMs: Math.round(retryMs), failures: this.#queue.failures(key) }, 'reconcile failed');
    return 'error';
  }
}
