import { type EventName, eventDefinition, findEvent } from './catalogue.ts';
import type { EventDomain } from './event-definition.ts';
import { maxNameLength, namePattern } from './fields.ts';

const prefix = ['mysql', 'v1', 'evt'] as const;

/** The pattern of all events: what the stream holds, and what a subscriber that wants everything asks for. */
export const allEvents = `${prefix.join('.')}.>`;

/** The place of an event in the subject tree. */
export interface EventSubject {
  readonly namespace: string;
  readonly cluster: string;
  /** Present exactly for events of level `instance`. */
  readonly instance?: string | undefined;
  readonly domain: EventDomain;
  readonly name: EventName;
}

/** A name that cannot be a token of a subject, or an event that cannot be told. The message names the field. */
export class InvalidEventError extends Error {
  override readonly name = 'InvalidEventError';
}

/**
 * `mysql.v1.evt.<namespace>.<cluster>[.<instance>].<domain>.<name>`. Tokens are DNS labels, so a name with a dot,
 * a wildcard or a space never gets to rewrite the subject.
 * @throws InvalidEventError
 */
export function buildSubject(place: Omit<EventSubject, 'domain'>): string {
  const { domain, level, name } = eventDefinition(place.name);
  const tokens = [token('namespace', place.namespace), token('cluster', place.cluster)];
  if (level === 'instance') tokens.push(token('instance', place.instance ?? ''));
  else if (place.instance !== undefined) throw new InvalidEventError(`${name} is about a cluster, not one instance`);
  return [...prefix, ...tokens, domain, name].join('.');
}

/** The pattern for one event of every cluster, for a subscription. */
export function subjectPattern(name: EventName, scope: { namespace?: string; cluster?: string } = {}): string {
  const { domain, level } = eventDefinition(name);
  const namespace = scope.namespace === undefined ? '*' : token('namespace', scope.namespace);
  const cluster = scope.cluster === undefined ? '*' : token('cluster', scope.cluster);
  return [...prefix, namespace, cluster, ...(level === 'instance' ? ['*'] : []), domain, name].join('.');
}

export type ParsedSubject =
  | { readonly kind: 'event'; readonly subject: EventSubject }
  /** Well formed, but not in this version's catalogue. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed'; readonly message: string };

/** The inverse of `buildSubject`. Never throws. */
export function parseSubject(subject: string): ParsedSubject {
  if (subject.length > maxSubjectLength) return malformed('too long');
  const tokens = subject.split('.');
  if (prefix.some((expected, index) => tokens[index] !== expected))
    return malformed(`does not start with ${prefix.join('.')}`);
  const rest = tokens.slice(prefix.length);
  if (rest.length !== 4 && rest.length !== 5) return malformed('has the wrong number of tokens');
  if (!rest.every(isToken)) return malformed('has a token that is not a DNS label');

  const [namespace = '', cluster = ''] = rest;
  const [domain = '', name = ''] = rest.slice(-2);
  const definition = findEvent(name);
  if (definition === undefined || definition.domain !== domain) return { kind: 'unknown' };
  if ((definition.level === 'instance') !== (rest.length === 5))
    return malformed(`${name} is of level ${definition.level}`);
  return {
    kind: 'event',
    subject: {
      namespace,
      cluster,
      ...(definition.level === 'instance' ? { instance: rest[2] ?? '' } : {}),
      domain: definition.domain,
      name: definition.name,
    },
  };
}

const maxSubjectLength = 512;

function malformed(message: string): ParsedSubject {
  return { kind: 'malformed', message: `subject ${message}` };
}

function isToken(value: string): boolean {
  return value.length <= maxNameLength && namePattern.test(value);
}

function token(field: string, value: string): string {
  if (isToken(value)) return value;
  throw new InvalidEventError(
    `${field} ${JSON.stringify(value.slice(0, 80))} is not a DNS label and cannot be in a subject`,
  );
}
