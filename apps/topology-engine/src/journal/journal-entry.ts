import type { Decision, OperationName, Snapshot } from '@pilotfish/topology';
import { z } from 'zod';
import { snapshotSchema } from './snapshot-schema.ts';

/** What was decided, in the words by which two decisions are the same or not. */
export interface JournaledDecision {
  readonly state: string;
  readonly plan?: {
    readonly kind: string;
    readonly from: string;
    readonly to: string;
    readonly steps: readonly string[];
  };
  readonly hold?: { readonly reason: string };
  /** Id of an operation that was dropped. */
  readonly abandon?: string;
  /** For people: why. */
  readonly because?: string;
}

/** What somebody wanted done, with parameters as the operation's schema gives them. */
export interface JournaledOrder {
  readonly operation: OperationName;
  readonly params: Readonly<Record<string, unknown>>;
  readonly by: string;
  readonly reason: string;
}

/** One decision with its inputs: enough to take it again. */
export interface JournalEntry {
  /** Absolute, RFC 3339. */
  readonly at: string;
  /** `<namespace>/<cluster>` */
  readonly key: string;
  /** Name of the engine that decided. */
  readonly engine: string;
  readonly epoch: number;
  readonly snapshot: Snapshot;
  readonly decision: JournaledDecision;
  /** Present when the plan was ordered: what is decided is how that is done. */
  readonly order?: JournaledOrder;
  /** Present when the plan of this decision ended: how. The snapshot is of what it left behind. */
  readonly ended?: { readonly ok: boolean; readonly reason?: string };
}

const decisionSchema = z.object({
  state: z.string(),
  plan: z.object({ kind: z.string(), from: z.string(), to: z.string(), steps: z.array(z.string()) }).optional(),
  hold: z.object({ reason: z.string() }).optional(),
  abandon: z.string().optional(),
  because: z.string().optional(),
});

const entrySchema = z.object({
  at: z.string(),
  key: z.string(),
  engine: z.string(),
  epoch: z.int(),
  snapshot: snapshotSchema,
  decision: decisionSchema,
  order: z
    .object({ operation: z.string(), params: z.record(z.string(), z.unknown()), by: z.string(), reason: z.string() })
    .optional(),
  ended: z.object({ ok: z.boolean(), reason: z.string().optional() }).optional(),
});

export type EncodedEntry = z.input<typeof entrySchema>;

/** As it is written: GTID sets are text. */
export function encodeEntry(entry: JournalEntry): EncodedEntry {
  return z.encode(entrySchema, entry as unknown as z.output<typeof entrySchema>);
}

/** @throws z.ZodError if it is no journal entry */
export function decodeEntry(value: unknown): JournalEntry {
  // The schema checks what decisions read; what it leaves open is typed by the code that wrote it.
  return entrySchema.parse(value) as unknown as JournalEntry;
}

export function journaled({
  state,
  plan,
  hold,
  abandon,
}: Omit<Decision, 'state'> & { readonly state: string }): JournaledDecision {
  const because = plan?.reason ?? hold?.message;
  return {
    state,
    ...(plan && {
      plan: { kind: plan.kind, from: plan.from, to: plan.to, steps: plan.steps.map((step) => step.do) },
    }),
    ...(hold && { hold: { reason: hold.reason } }),
    ...(abandon && { abandon: abandon.id }),
    ...(because !== undefined && { because }),
  };
}

/** Equal texts are equal decisions: their reasons may tell of other milliseconds. */
export function decisionText({ because: _, ...decision }: JournaledDecision): string {
  return JSON.stringify(decision);
}
