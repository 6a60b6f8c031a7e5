import type { Bus } from '@pilotfish/bus';
import { type ClusterIdentity, createEvent, type EventData, type EventName, type EventSource } from '@pilotfish/events';
import type { Clock, Logger } from '@pilotfish/service';

/** Tells what happened to one cluster, on the bus and as Kubernetes events. Never waits and never fails: state comes first. */
export interface Announcer {
  event<Name extends TopologyEventName>(name: Name, data: EventData<Name>): void;
}

/** The events of this service's own domain that it tells. */
export type TopologyEventName = Extract<
  EventName,
  | 'bootstrapped'
  | 'primary-suspected'
  | 'primary-failed'
  | 'failover-started'
  | 'failover-held'
  | 'primary-fenced'
  | 'primary-opened'
  | 'failover-completed'
  | 'switchover-started'
  | 'switchover-completed'
  | 'operation-requested'
  | 'operation-refused'
  | 'operation-completed'
  | 'operation-failed'
  | 'operation-resumed'
  | 'decision-made'
  | 'ack-set-changed'
  | 'instance-attached'
  | 'instance-diverged'
  | 'instance-rewound'
  | 'errant-filled'
  | 'errant-saved'
  | 'instance-reclone-started'
  | 'instance-recloned'
  | 'instance-state-changed'
  | 'credentials-refused'
  | 'credentials-accepted'
>;

export interface AnnouncerOptions {
  readonly bus: Bus;
  readonly source: EventSource;
  readonly cluster: ClusterIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The epoch that an event belongs to. */
  readonly epoch: () => number;
  /** For people who look with kubectl. */
  readonly kubernetesEvent: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
}

/** Events of which one epoch has at most one: told again after a crash they are the same. */
const oncePerEpoch: ReadonlySet<TopologyEventName> = new Set([
  'bootstrapped',
  'primary-failed',
  'failover-started',
  'failover-completed',
  'switchover-completed',
]);

export function createAnnouncer({
  bus,
  source,
  cluster,
  clock,
  logger,
  epoch,
  kubernetesEvent,
}: AnnouncerOptions): Announcer {
  return {
    event(name, data) {
      const time = clock.wall();
      const occurrence = {
        sequence: epoch(),
        ...(!oncePerEpoch.has(name) && { transitionTime: time.toISOString() }),
      };
      try {
        bus.publish(createEvent({ name, source, cluster, occurrence, time, data }));
      } catch (error: unknown) {
        logger.warn({ err: error, event: name }, 'event could not be made');
      }
      const told = kubernetesWords[name];
      if (told) kubernetesEvent(told.type, told.reason, describe(data));
    },
  };
}

/** What also becomes a Kubernetes event, under the reasons that the old operator's users know where there was one. */
const kubernetesWords: Partial<Record<TopologyEventName, { type: 'Normal' | 'Warning'; reason: string }>> = {
  bootstrapped: { type: 'Normal', reason: 'Bootstrapped' },
  'primary-failed': { type: 'Warning', reason: 'OrcFailureDetection' },
  'failover-held': { type: 'Warning', reason: 'FailoverHeld' },
  'failover-completed': { type: 'Normal', reason: 'OrcPostMasterFailover' },
  'switchover-completed': { type: 'Normal', reason: 'SwitchoverCompleted' },
  'operation-requested': { type: 'Normal', reason: 'OperationRequested' },
  'operation-refused': { type: 'Normal', reason: 'OperationRefused' },
  'operation-completed': { type: 'Normal', reason: 'OperationCompleted' },
  'operation-failed': { type: 'Warning', reason: 'OrcPostUnsuccessfulFailover' },
  'instance-diverged': { type: 'Warning', reason: 'InstanceDiverged' },
  'instance-rewound': { type: 'Normal', reason: 'InstanceRewound' },
  'errant-filled': { type: 'Normal', reason: 'ErrantTransactionsFilled' },
  'errant-saved': { type: 'Warning', reason: 'ErrantTransactionsSaved' },
  'instance-reclone-started': { type: 'Normal', reason: 'CloneStarted' },
  'credentials-refused': { type: 'Warning', reason: 'CredentialsRefused' },
  'credentials-accepted': { type: 'Normal', reason: 'CredentialsAccepted' },
  'instance-recloned': { type: 'Normal', reason: 'CloneCompleted' },
};

function describe(data: Readonly<Record<string, unknown>>): string {
  const text = Object.entries(data)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join('; ');
  return text.length > 900 ? `${text.slice(0, 900)}…` : text;
}
