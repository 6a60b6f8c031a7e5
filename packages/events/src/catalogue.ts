import type { z } from 'zod';
import { clusterEvents } from './cluster-events.ts';
import type { EventDefinition, EventDomain } from './event-definition.ts';
import { serviceEvents } from './service-events.ts';
import { topologyEvents } from './topology-events.ts';

const byDomain = { topology: topologyEvents, cluster: clusterEvents, service: serviceEvents } as const;

type Definitions = typeof topologyEvents & typeof clusterEvents & typeof serviceEvents;

export type EventName = keyof Definitions;
export type InstanceEventName = { [N in EventName]: Definitions[N]['level'] extends 'instance' ? N : never }[EventName];
/** The payload of an event. */
export type EventData<Name extends EventName> = z.output<Definitions[Name]['data']>;

/** A row of the catalogue with its place in it. */
export interface CatalogueEntry extends EventDefinition {
  readonly name: EventName;
  readonly domain: EventDomain;
}

/** Every event that Pilotfish publishes, in the order of the reference page. Names are unique over all domains. */
export const catalogue: readonly CatalogueEntry[] = Object.entries(byDomain).flatMap(([domain, definitions]) =>
  Object.entries(definitions).map(([name, definition]) => ({
    ...(definition as EventDefinition),
    name: name as EventName,
    domain: domain as EventDomain,
  })),
);

const byName: ReadonlyMap<string, CatalogueEntry> = new Map(catalogue.map((entry) => [entry.name, entry]));

/** The row of an event, or undefined for a name that is not in the catalogue (a newer version's, or nonsense). */
export function findEvent(name: string): CatalogueEntry | undefined {
  return byName.get(name);
}

/** The row of a known event. */
export function eventDefinition(name: EventName): CatalogueEntry {
  const entry = byName.get(name);
  if (entry === undefined) throw new TypeError(`no event named ${name}`);
  return entry;
}
