import { masterServiceName } from '@pilotfish/api';
import type { Bus } from '@pilotfish/bus';
import { createEvent, type EventData, type EventName, type EventSource, InvalidEventError } from '@pilotfish/events';
import type { EventRecorder } from '@pilotfish/kube';
import type { Clock, Logger } from '@pilotfish/service';
import type { ClusterView } from './cluster-view.ts';
import type { LabelChange } from './label-writer.ts';
import type { SyncerMetrics } from './metrics.ts';
import type { WriteEndpoint, WriteHint } from './write-hint.ts';

export interface AnnouncerOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly recorder: Pick<EventRecorder, 'record'>;
  readonly source: EventSource;
  readonly metrics: Pick<SyncerMetrics, 'writeEndpointMoved' | 'ignored'>;
  readonly clock: Pick<Clock, 'wall'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** Tells what was changed: on the bus, in the log, and a move of the write endpoint as a Kubernetes Event too. */
export class Announcer {
  readonly #options: AnnouncerOptions;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** `hint` is what the endpoint was learned from, if it was. */
  labelsChanged(
    cluster: ClusterView,
    epoch: number,
    changes: readonly LabelChange[],
    endpoint: WriteEndpoint | undefined,
    hint: WriteHint | undefined,
  ): void {
    for (const { from, to } of changes) {
      const instance = to.pod;
      if (from.role !== to.role) {
        this.#publish(cluster, epoch, 'role-changed', { instance, role: to.role, previous: from.role });
      }
      if (from.healthy !== to.healthy) {
        const healthy = to.healthy === 'yes';
        this.#publish(cluster, epoch, 'health-changed', { instance, healthy, reason: to.reason });
      }
      if (to.role === 'master' && from.role !== 'master' && endpoint !== undefined) {
        this.#endpointMoved(cluster, endpoint, endpoint.source === 'hint' ? hint : undefined);
      }
    }
  }

  #endpointMoved(cluster: ClusterView, { pod, epoch }: WriteEndpoint, hint: WriteHint | undefined): void {
    const { clock, recorder, metrics, logger } = this.#options;
    // Two clocks are compared here: a negative difference only says that they differ.
    const delayMs = hint === undefined ? null : Math.max(0, clock.wall().getTime() - hint.openedAt.getTime());
    if (delayMs !== null) metrics.writeEndpointMoved(delayMs);
    const { namespace, name } = cluster.metadata;
    logger.info({ namespace, cluster: name, primary: pod, epoch, delayMs }, 'write endpoint moved');
    this.#publish(cluster, epoch, 'write-endpoint-moved', { primary: pod, epoch, delayMs });
    recorder.record(cluster, {
      type: 'Normal',
      reason: 'WriteEndpointMoved',
      message: `Service ${masterServiceName(name)} leads to ${pod} now (epoch ${String(epoch)})`,
    });
  }

  #publish<Name extends EventName>(cluster: ClusterView, epoch: number, name: Name, data: EventData<Name>): void {
    const { bus, source, clock, metrics, logger } = this.#options;
    const { namespace, name: clusterName, uid } = cluster.metadata;
    const time = clock.wall();
    try {
      bus.publish(
        createEvent({
          name,
          source,
          cluster: { namespace, name: clusterName, uid },
          occurrence: { sequence: epoch, transitionTime: time.toISOString() },
          time,
          data,
        }),
      );
    } catch (error) {
      // A cluster that was adopted with a name that no subject can hold: it is served, but not told of.
      if (!(error instanceof InvalidEventError)) throw error;
      metrics.ignored('event');
      logger.warn({ namespace, cluster: clusterName, event: name, err: error }, 'event cannot be told');
    }
  }
}
