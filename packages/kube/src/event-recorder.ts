import { randomUUID } from 'node:crypto';
import { events } from './builtin-resources.ts';
import type { CoreEvent } from './builtin-types.ts';
import { type Clock, systemClock } from './clock.ts';
import type { KubeClient } from './kube-client.ts';
import { type KubeMetrics, noKubeMetrics } from './kube-metrics.ts';
import { type KubeObject, keyOf } from './kube-object.ts';
import type { Logger } from './logger.ts';
import { TokenBucket } from './token-bucket.ts';

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'patchMerge'>;
  /** Shown as where the event comes from; the service's name. */
  readonly component: string;
  /** The own pod's name. */
  readonly instance?: string;
  readonly logger: Logger;
  readonly metrics?: KubeMetrics;
  readonly clock?: Clock;
}

export interface RecordedEvent {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, for machines. */
  readonly reason: string;
  /** For people; cut at 1,024 characters, which is what the API takes. */
  readonly message: string;
}

interface Series {
  readonly event: CoreEvent;
  readonly lastMs: number;
}

/** The same event within this time counts up instead of being written anew. */
const repeatMs = 600_000;
/**
 * An object may have so many events of one reason at once, and one a minute after that. By reason, as a story of many events
 * is told to its end then: what repeats itself takes the place of nothing else.
 */
const burst = 25;
const perSecond = 1 / 60;
const remembered = 1_000;
const mostPending = 500;

/**
 * Writes Kubernetes Events, what `kubectl describe` shows. Best effort by design: `record` returns at once and never
 * throws; what is too much or fails is dropped, logged and counted.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #metrics: KubeMetrics;
  readonly #series = new Map<string, Series>();
  readonly #buckets = new Map<string, TokenBucket>();
  #pending = 0;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#metrics = options.metrics ?? noKubeMetrics;
  }

  /** `about` is the object it happened to, as it came from the server. */
  record(about: KubeObject, event: RecordedEvent): void {
    if (this.#pending >= mostPending || !this.#bucketOf(about, event.reason).tryTake()) {
      this.#metrics.recorderDropped();
      return;
    }
    this.#pending += 1;
    this.#tail = this.#tail
      .then(() => this.#write(about, event))
      .catch((error: unknown) => {
        this.#metrics.recorderDropped();
        this.#options.logger.debug({ err: error, reason: event.reason }, 'event could not be written');
      })
      .finally(() => {
        this.#pending -= 1;
      });
  }

  /** Resolves when everything recorded so far is written or given up. */
  async flush(): Promise<void> {
    await this.#tail;
  }

  async #write(about: KubeObject, event: RecordedEvent): Promise<void> {
    const { client } = this.#options;
    const key = [identityOf(about), event.type, event.reason, event.message].join('\0');
    const nowMs = this.#clock.nowMs();
    const before = this.#series.get(key);
    const options = { deadlineMs: 5_000 };
    if (before && nowMs - before.lastMs < repeatMs) {
      const patch = { count: before.event.count + 1, lastTimestamp: this.#time() };
      try {
        const written = await client.patchMerge(events, before.event.metadata, patch, options);
        remember(this.#series, key, { event: written, lastMs: nowMs });
        return;
      } catch {
        // Its time to live may be over: write it anew.
      }
    }
    const written = await client.create(events, this.#compose(about, event), options);
    remember(this.#series, key, { event: written, lastMs: nowMs });
  }

  #compose(about: KubeObject, { type, reason, message }: RecordedEvent): CoreEvent {
    const { component, instance } = this.#options;
    const { name, namespace = 'default', uid, resourceVersion } = about.metadata;
    const now = this.#time();
    return {
      metadata: { namespace, name: `${name.slice(0, 200)}.${randomUUID()}` },
      involvedObject: {
        ...(about.apiVersion ? { apiVersion: about.apiVersion } : {}),
        ...(about.kind ? { kind: about.kind } : {}),
        ...(about.metadata.namespace ? { namespace } : {}),
        name,
        ...(uid ? { uid } : {}),
        ...(resourceVersion ? { resourceVersion } : {}),
      },
      type,
      reason,
      message: message.length > 1024 ? `${message.slice(0, 1021)}...` : message,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      source: { component },
      reportingComponent: component,
      ...(instance ? { reportingInstance: instance } : {}),
    };
  }

  #time(): string {
    return `${this.#clock.wall().toISOString().slice(0, 19)}Z`;
  }

  #bucketOf(about: KubeObject, reason: string): TokenBucket {
    const key = `${identityOf(about)}\0${reason}`;
    const bucket = this.#buckets.get(key) ?? new TokenBucket({ capacity: burst, perSecond, clock: this.#clock });
    remember(this.#buckets, key, bucket);
    return bucket;
  }
}

function identityOf(about: KubeObject): string {
  return about.metadata.uid ?? `${about.kind ?? ''} ${keyOf(about)}`;
}

/** Sets the newest; forgets what was not used for longest when there is too much. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= remembered) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
