import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { allEvents, eventStream } from '@pilotfish/events';
import type { BusLogger, StreamOptions } from './bus.ts';
import { errorText } from './nats-error.ts';
import type { Problems } from './problems.ts';
import { type BusTiming, retryDelayMs } from './timing.ts';

export interface StreamKeeperOptions {
  readonly timing: BusTiming;
  readonly logger: BusLogger;
  readonly problems: Problems;
  /** The stream is there, as it should be. */
  readonly onReady: () => void;
}

const dayMs = 24 * 60 * 60 * 1_000;

/** Makes the stream of events, or changes an existing one to the configuration, and tries until it is so. */
export class StreamKeeper {
  readonly #options: StreamKeeperOptions;
  #wanted: Partial<StreamConfig> | undefined;
  #connection: NatsConnection | undefined;
  #attempts = 0;
  #working = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: StreamKeeperOptions) {
    this.#options = options;
  }

  ensure(options: StreamOptions): void {
    this.#wanted = streamConfig(options);
    this.#attempts = 0;
    this.check();
  }

  attach(connection: NatsConnection): void {
    this.detach();
    this.#connection = connection;
    this.check();
  }

  detach(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#attempts = 0;
    this.#connection = undefined;
  }

  /** Looks now, unless it is looking or pausing between two attempts. */
  check(): void {
    if (this.#wanted === undefined || this.#connection === undefined || this.#working || this.#retry !== undefined)
      return;
    this.#working = true;
    void this.#attempt(this.#connection, this.#wanted);
  }

  async #attempt(connection: NatsConnection, wanted: Partial<StreamConfig>): Promise<void> {
    const { timing, logger, problems, onReady } = this.#options;
    try {
      const manager = await jetstreamManager(connection, { checkAPI: false, timeout: timing.requestTimeoutMs });
      const change = await reconcile(manager, wanted);
      if (change !== 'none') logger.info({ stream: eventStream.name, change }, 'stream of events set up');
      this.#attempts = 0;
      problems.clear('stream');
      onReady();
    } catch (error) {
      if (this.#connection === connection) this.#failed(error);
    } finally {
      this.#working = false;
    }
    // The connection or the wish changed meanwhile.
    if (this.#connection !== connection || this.#wanted !== wanted) this.check();
  }

  #failed(error: unknown): void {
    const { timing, problems } = this.#options;
    problems.report('stream', `stream ${eventStream.name} cannot be set up: ${errorText(error)}`);
    this.#retry = setTimeout(
      () => {
        this.#retry = undefined;
        this.check();
      },
      retryDelayMs(this.#attempts, timing),
    );
    this.#attempts += 1;
  }
}

function streamConfig({ maxBytes = eventStream.maxBytes, replicas }: StreamOptions): Partial<StreamConfig> {
  return {
    name: eventStream.name,
    description: 'Facts about MySQL clusters, published by Pilotfish',
    subjects: [allEvents],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: nanos(eventStream.maxAgeDays * dayMs),
    max_bytes: maxBytes,
    duplicate_window: nanos(eventStream.duplicateWindowSeconds * 1_000),
    ...(replicas === undefined ? {} : { num_replicas: replicas }),
  };
}

/** Touches only what is in `wanted`; what an administrator set besides stays. */
async function reconcile(
  manager: JetStreamManager,
  wanted: Partial<StreamConfig>,
): Promise<'none' | 'created' | 'updated'> {
  const present = await manager.streams.info(eventStream.name).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw error;
  });
  if (present === undefined) {
    await manager.streams.add({ ...wanted, name: eventStream.name });
    return 'created';
  }
  const actual: Readonly<Record<string, unknown>> = { ...present.config };
  const differs = Object.entries(wanted).some(([key, value]) => JSON.stringify(actual[key]) !== JSON.stringify(value));
  if (!differs) return 'none';
  await manager.streams.update(eventStream.name, { ...present.config, ...wanted });
  return 'updated';
}
