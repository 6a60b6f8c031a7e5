import { type EventData, type EventName, eventDefinition } from './catalogue.ts';
import { aboutOf, type DomainEvent, eventType, maxEventBytes } from './envelope.ts';
import { parseSubject } from './subject.ts';

/** Header access as NATS clients offer it: empty or undefined when there is no such header. */
export interface HeaderReader {
  get(name: string): string | undefined;
}

/** Why a message is not an event. `UnknownEvent` is no fault: a newer version's, to be ignored. */
export type ProblemKind = 'TooLarge' | 'MalformedSubject' | 'UnknownEvent' | 'MalformedHeaders' | 'MalformedPayload';

export interface EventProblem {
  readonly kind: ProblemKind;
  /** For a log line: bounded, and free of the sender's bytes. */
  readonly message: string;
}

export type ParseResult =
  | { readonly ok: true; readonly event: DomainEvent }
  | { readonly ok: false; readonly problem: EventProblem };

/**
 * Reads a message of the wire. Never throws, whatever is in it. Payload fields that this version does not know are
 * dropped, so a newer publisher is understood.
 */
export function parseEvent(subject: string, headers: HeaderReader | undefined, body: Uint8Array): ParseResult {
  if (body.byteLength > maxEventBytes) return problem('TooLarge', `body has more than ${String(maxEventBytes)} bytes`);
  const parsed = parseSubject(subject);
  if (parsed.kind === 'malformed') return problem('MalformedSubject', parsed.message);
  if (parsed.kind === 'unknown') return problem('UnknownEvent', 'not in the catalogue of this version');
  if (headers === undefined) return problem('MalformedHeaders', 'has no headers');

  const { name, namespace, cluster, instance } = parsed.subject;
  const attributes = readAttributes(headers, name, aboutOf(parsed.subject));
  if (typeof attributes === 'string') return problem('MalformedHeaders', attributes);
  const payload = readPayload(name, body);
  if (typeof payload === 'string') return problem('MalformedPayload', payload);
  if (instance !== undefined && payload.instance !== instance) {
    return problem('MalformedPayload', 'payload names another instance than the subject');
  }
  const place = { namespace, cluster, ...(instance === undefined ? {} : { instance }) };
  const { critical } = eventDefinition(name);
  return {
    ok: true,
    event: { name, subject, critical, ...attributes, ...place, data: payload as EventData<EventName> },
  };
}

interface Attributes {
  readonly id: string;
  readonly time: string;
  readonly source: string;
  readonly about: string;
}

const maxAttributeLength = 512;

/** The CloudEvents attributes, or what is wrong with them. */
function readAttributes(headers: HeaderReader, name: EventName, about: string): Attributes | string {
  const read = (key: string): string => headers.get(key) ?? '';
  if (read('ce-specversion') !== '1.0') return 'ce-specversion is not 1.0';
  if (read('ce-type') !== eventType(name)) return 'ce-type does not belong to the subject';
  if (read('ce-subject') !== about) return 'ce-subject does not belong to the subject';
  const [id, source, time] = [read('ce-id'), read('ce-source'), read('ce-time')];
  if (id === '' || id.length > maxAttributeLength) return 'ce-id is missing or too long';
  if (source === '' || source.length > maxAttributeLength) return 'ce-source is missing or too long';
  const at = time.length <= maxAttributeLength ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(at)) return 'ce-time is not a time';
  return { id, source, about, time: new Date(at).toISOString() };
}

function readPayload(name: EventName, body: Uint8Array): Record<string, unknown> | string {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return 'body is not JSON in UTF-8';
  }
  const result = eventDefinition(name).data.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  // The path of an issue holds only names from our schema: unknown keys are dropped, not reported.
  return `field ${issue?.path.join('.') || '(all)'}: ${issue?.code ?? 'invalid'}`;
}

function problem(kind: ProblemKind, message: string): ParseResult {
  return { ok: false, problem: { kind, message } };
}
