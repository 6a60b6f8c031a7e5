import type { Bus } from '@pilotfish/bus';
import { createEvent, type EventData, type EventName, type EventSource, InvalidEventError } from '@pilotfish/events';
import type { EventRecorder } from '@pilotfish/kube';
import type { Logger } from '@pilotfish/service';
import type { RawCluster } from './resources.ts';

type ClusterEventName = Extract<
  EventName,
  | 'cluster-created'
  | 'spec-changed'
  | 'ready-changed'
  | 'instance-rolled'
  | 'roll-started'
  | 'roll-completed'
  | 'scaled'
  | 'volume-removed'
  | 'configuration-refused'
  | 'cluster-deleted'
>;

export interface AnnouncerOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly recorder: Pick<EventRecorder, 'record'>;
  readonly source: EventSource;
  readonly wall: () => Date;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Tells what has happened, after it is in the state: programs by events on the bus, people by Kubernetes Events. Never
 * throws and never waits.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** `occurrence` tells this occurrence from others of the same name for the same cluster. */
  publish<Name extends ClusterEventName>(
    cluster: RawCluster,
    name: Name,
    data: EventData<Name>,
    occurrence: string | number,
  ): void {
    const { namespace = '', name: clusterName, uid = '' } = cluster.metadata;
    const { bus, source, wall, logger } = this.#options;
    try {
      bus.publish(
        createEvent({
          name,
          source,
          cluster: { namespace, name: clusterName, uid },
          occurrence: { sequence: occurrence },
          time: wall(),
          data,
        }),
      );
    } catch (error) {
      // A name that cannot be in a subject; the same fact is in the status.
      if (!(error instanceof InvalidEventError)) throw error;
      logger.warn({ err: error, event: name }, 'event cannot be told');
    }
  }

  normal(cluster: RawCluster, reason: string, message: string): void {
    this.#options.recorder.record(cluster, { type: 'Normal', reason, message });
  }

  warning(cluster: RawCluster, reason: string, message: string): void {
    this.#options.recorder.record(cluster, { type: 'Warning', reason, message });
  }
}
