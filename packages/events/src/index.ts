export {
  type CatalogueEntry,
  catalogue,
  type EventData,
  type EventName,
  eventDefinition,
  findEvent,
  type InstanceEventName,
} from './catalogue.ts';
export {
  type ClusterIdentity,
  createEvent,
  type DomainEvent,
  type EventInput,
  type EventOccurrence,
  type EventSource,
  eventHeaders,
  eventStream,
  eventType,
  isEvent,
  maxEventBytes,
} from './envelope.ts';
export { type EventDefinition, type EventDomain, type EventLevel, eventDomains } from './event-definition.ts';
export { type EventProblem, type HeaderReader, type ParseResult, type ProblemKind, parseEvent } from './parse-event.ts';
export {
  allEvents,
  buildSubject,
  type EventSubject,
  InvalidEventError,
  parseSubject,
  subjectPattern,
} from './subject.ts';
