import type { Clock } from './clock.ts';
import type { KubeClient, Selection } from './kube-client.ts';
import { errorOfStatus, KubeError } from './kube-error.ts';
import type { KubeMetrics } from './kube-metrics.ts';
import type { KubeObject } from './kube-object.ts';
import type { Logger } from './logger.ts';
import type { Resource } from './resource.ts';
import type { WatchEvent } from './watch-stream.ts';

/** Where a reflector puts what it sees. */
export interface ReflectorSink<T> {
  /** All there is; what is not in it is gone. */
  replace(objects: readonly T[]): void;
  upsert(object: T): void;
  delete(object: T): void;
}

/** In milliseconds save where the name says otherwise. Defaults: `defaultReflectorTiming`. */
export interface ReflectorTiming {
  /** The server ends each watch after a random time between these, in seconds, so that they spread out. */
  readonly watchSeconds: readonly [number, number];
  /** Slack after the time the server should have ended a watch. */
  readonly stallSlackMs: number;
  /** Silence after which a watch is dead that has brought bookmarks, which come once a minute. */
  readonly bookmarkSilenceMs: number;
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
  /** Health for so long forgives all earlier failures. */
  readonly healthyMs: number;
}

export const defaultReflectorTiming: ReflectorTiming = {
  watchSeconds: [300, 600],
  stallSlackMs: 30_000,
  bookmarkSilenceMs: 150_000,
  retryBaseMs: 800,
  retryCapMs: 30_000,
  healthyMs: 60_000,
};

export interface ReflectorOptions<T extends KubeObject> extends Selection {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly resource: Resource<T>;
  readonly sink: ReflectorSink<T>;
  readonly logger: Logger;
  readonly metrics: KubeMetrics;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timing: ReflectorTiming;
  readonly pageSize?: number;
}

type ListReason = 'start' | 'expired';

/**
 * Lists, then watches from there, for ever, and never gives up:
 *
 * - a watch that ends is taken up where it was, at once (after a pause when it ended at once, too);
 * - 410 or ERROR/Expired: everything is listed anew;
 * - 429 and 503: as long as the server says; anything else: full jitter, 0.8 s up to 30 s;
 * - silence: the connection is taken for dead.
 *
 * resourceVersions are opaque: kept, sent back, never compared.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  #resourceVersion: string | undefined;
  #listReason: ListReason = 'start';
  #failures = 0;
  #seesBookmarks = false;
  #problem: string | undefined;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
  }

  /** What the last attempt failed with; undefined after a success. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Resolves once the signal is aborted; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, timing } = this.#options;
    do {
      const startedMs = clock.nowMs();
      let pauseMs = 0;
      try {
        if (this.#resourceVersion === undefined) await this.#list(signal);
        else await this.#watch(this.#resourceVersion, signal);
        this.#problem = undefined;
        if (clock.nowMs() - startedMs >= timing.healthyMs) this.#failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (clock.nowMs() - startedMs >= timing.healthyMs) this.#failures = 0;
        pauseMs = this.#afterFailure(error);
      }
      if (pauseMs > 0) await clock.sleep(pauseMs, signal).catch(() => undefined);
    } while (!signal.aborted);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource, sink, metrics, pageSize } = this.#options;
    metrics.listed(resource.plural, this.#listReason);
    const options = { ...this.#selection(), signal, ...(pageSize === undefined ? {} : { pageSize }) };
    const { items, resourceVersion } = await client.list(resource, options);
    sink.replace(items);
    this.#resourceVersion = resourceVersion;
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { client, resource, metrics, random, clock, timing } = this.#options;
    const [least, most] = timing.watchSeconds;
    const timeoutSeconds = Math.round(least + random() * (most - least));
    const untilEndMs = timeoutSeconds * 1000 + timing.stallSlackMs;
    const stallMs = this.#seesBookmarks ? Math.min(untilEndMs, timing.bookmarkSilenceMs) : untilEndMs;
    metrics.watched(resource.plural);
    const startedMs = clock.nowMs();
    let events = 0;
    for await (const event of client.watch(resource, {
      ...this.#selection(),
      resourceVersion,
      timeoutSeconds,
      stallMs,
      signal,
    })) {
      events += 1;
      metrics.watchEvent(resource.plural, event.type);
      this.#take(event);
    }
    const short = clock.nowMs() - startedMs < 1_000;
    if (short && events === 0) {
      throw new KubeError({ status: 0, reason: 'Unreachable', message: `WATCH ${resource.plural}: ended at once` });
    }
  }

  #take(event: WatchEvent<T>): void {
    const { sink, resource } = this.#options;
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        sink.upsert(event.object);
        break;
      case 'DELETED':
        sink.delete(event.object);
        break;
      case 'BOOKMARK':
        this.#seesBookmarks = true;
        break;
      case 'ERROR':
        throw errorOfStatus(event.object, 500, `WATCH ${resource.plural}`);
      default:
        throw new KubeError({
          status: 0,
          reason: 'BadResponse',
          message: `WATCH ${resource.plural}: unknown event ${JSON.stringify((event satisfies never as { type?: unknown }).type)}`,
        });
    }
    this.#resourceVersion = event.object.metadata.resourceVersion ?? this.#resourceVersion;
  }

  /** How long to wait before the next attempt. */
  #afterFailure(error: unknown): number {
    const { logger, resource, random, timing } = this.#options;
    const failure = error instanceof KubeError ? error : undefined;
    if (failure?.isGone) {
      this.#resourceVersion = undefined;
      this.#listReason = 'expired';
    }
    const cap = Math.min(timing.retryCapMs, timing.retryBaseMs * 2 ** this.#failures);
    // A relist is the answer to the first 410; only a second one in a row has to wait.
    const first = failure?.isGone === true && this.#failures === 0;
    this.#failures += 1;
    this.#problem = error instanceof Error ? error.message : String(error);
    const pauseMs = failure?.retryAfterMs ?? (first ? 0 : random() * cap);
    logger.warn({ err: error, resource: resource.plural, pauseMs: Math.round(pauseMs) }, 'list or watch failed');
    return pauseMs;
  }

  #selection(): Selection {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return { namespace, labelSelector, fieldSelector };
  }
}
