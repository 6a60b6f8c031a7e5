import { type EventData, type EventName, eventDefinition } from './catalogue.ts';
import { buildSubject, InvalidEventError } from './subject.ts';

/** The stream that keeps the events. */
export const eventStream = {
  name: 'MYSQL_EVENTS',
  maxAgeDays: 7,
  maxBytes: 256 * 1024 * 1024,
  /** A publisher that tries again within this time is recognised by its message id. */
  duplicateWindowSeconds: 120,
} as const;

/** No event is larger; a larger message is not one of ours. */
export const maxEventBytes = 64 * 1024;

/** Who publishes: the service and the pod it runs in. */
export interface EventSource {
  readonly service: string;
  readonly pod: string;
}

export interface ClusterIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/**
 * What makes an occurrence the same one when it is told again after a crash: the epoch, generation or sequence that
 * it belongs to, and for facts that can recur within one of these, the time of the transition.
 */
export interface EventOccurrence {
  readonly sequence: number | string;
  readonly transitionTime?: string;
}

/** An event as it travels: subject, CloudEvents attributes, payload. Frozen, and complete enough to be queued. */
export interface DomainEvent<Name extends EventName = EventName> {
  readonly name: Name;
  readonly subject: string;
  readonly critical: boolean;
  /** Deterministic: the CloudEvents id and the message id that the stream removes duplicates by. */
  readonly id: string;
  /** Absolute, RFC 3339 with milliseconds. */
  readonly time: string;
  readonly source: string;
  /** `<namespace>/<cluster>[/<instance>]` */
  readonly about: string;
  readonly namespace: string;
  readonly cluster: string;
  readonly instance?: string | undefined;
  readonly data: EventData<Name>;
}

export interface EventInput<Name extends EventName> {
  readonly name: Name;
  readonly source: EventSource;
  readonly cluster: ClusterIdentity;
  readonly occurrence: EventOccurrence;
  readonly time: Date;
  readonly data: EventData<Name>;
}

/**
 * Makes an event. The instance of an instance-level event is the one its payload names.
 * @throws InvalidEventError when a name cannot be a subject token or the payload does not fit its schema.
 */
export function createEvent<Name extends EventName>(input: EventInput<Name>): DomainEvent<Name> {
  const { name, source, cluster, occurrence } = input;
  const definition = eventDefinition(name);
  const checked = definition.data.safeParse(input.data);
  if (!checked.success) throw new InvalidEventError(`${name}: ${checked.error.message}`, { cause: checked.error });
  const instance = definition.level === 'instance' ? String(checked.data.instance) : undefined;
  const place = {
    namespace: cluster.namespace,
    cluster: cluster.name,
    ...(instance === undefined ? {} : { instance }),
  };
  const id = [cluster.uid, occurrence.sequence, name, instance, occurrence.transitionTime];
  return Object.freeze({
    name,
    subject: buildSubject({ ...place, name }),
    critical: definition.critical,
    id: id.filter((part) => part !== undefined).join(':'),
    time: input.time.toISOString(),
    source: `/pilotfish/${source.service}/${source.pod}`,
    about: aboutOf(place),
    ...place,
    data: checked.data as EventData<Name>,
  });
}

/** Narrows the payload by the event's name. */
export function isEvent<Name extends EventName>(event: DomainEvent, name: Name): event is DomainEvent<Name> {
  return event.name === name;
}

/** `dev.pilotfish.<domain>.<name>.v1`: the payload's schema; a breaking change of it gets a new number. */
export function eventType(name: EventName): string {
  return `dev.pilotfish.${eventDefinition(name).domain}.${name}.v1`;
}

/** CloudEvents 1.0, binary mode over NATS: attributes in the headers, the payload alone in the body. */
export function eventHeaders(event: DomainEvent): Readonly<Record<string, string>> {
  return {
    'ce-specversion': '1.0',
    'ce-id': event.id,
    'ce-source': event.source,
    'ce-type': eventType(event.name),
    'ce-subject': event.about,
    'ce-time': event.time,
    'content-type': 'application/json',
  };
}

export function aboutOf(place: { namespace: string; cluster: string; instance?: string | undefined }): string {
  return [place.namespace, place.cluster, place.instance].filter((part) => part !== undefined).join('/');
}
