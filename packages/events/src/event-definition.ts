import type { z } from 'zod';

/** Who speaks: topology-engine, cluster-controller and service-syncer, in this order. */
export const eventDomains = ['topology', 'cluster', 'service'] as const;
export type EventDomain = (typeof eventDomains)[number];

/** Whether a subject ends after the cluster or also names one instance (a pod). */
export type EventLevel = 'cluster' | 'instance';

/** One row of the catalogue. */
export interface EventDefinition<Level extends EventLevel = EventLevel, Data extends z.ZodObject = z.ZodObject> {
  readonly level: Level;
  /** What a publisher with a full outbox keeps to the last: facts about which server takes writes, and about data. */
  readonly critical: boolean;
  /** One sentence in the past tense. */
  readonly description: string;
  readonly data: Data;
  readonly example: z.input<Data>;
}

/** The rows of one domain, keyed by event name. The functions only let the compiler see level and payload exactly. */
export function clusterEvent<Data extends z.ZodObject>(row: Omit<EventDefinition<'cluster', Data>, 'level'>) {
  return { level: 'cluster', ...row } satisfies EventDefinition<'cluster', Data>;
}

/** Its payload names the instance too, so that the payload can be read without the subject. */
export function instanceEvent<Data extends z.ZodObject<{ instance: z.ZodType<string, string> }>>(
  row: Omit<EventDefinition<'instance', Data>, 'level'>,
) {
  return { level: 'instance', ...row } satisfies EventDefinition<'instance', Data>;
}
