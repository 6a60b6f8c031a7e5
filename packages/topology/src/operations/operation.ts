import { z } from 'zod';
import type { Plan } from '../plan.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Refusal } from './refusal.ts';

/** Who wants it, why, and when; the time comes in, because decisions have no clock. */
export interface OrderedBy {
  readonly by: string;
  /** Empty: not said. */
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

export type PlanOrRefusal = { readonly plan: Plan } | { readonly refused: Refusal };

/** Something that a user can have done to a cluster: its parameters, and the plan they come to, or why there is none. */
export interface Operation<Params extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  /** What has to be true, and what it does; Markdown. */
  readonly description: string;
  readonly params: Params;
  plan(snapshot: Snapshot, params: z.output<Params>, ordered: OrderedBy): PlanOrRefusal;
}

export function defineOperation<const Name extends string, Params extends z.ZodObject>(
  operation: Operation<Params> & { readonly name: Name },
): Operation<Params> & { readonly name: Name } {
  return operation;
}

/** A pod, e.g. `orders-mysql-0`; standalone, the name in the inventory. */
export const instanceName = z.string().min(1).max(253);

/** ISO 8601 of a time so many seconds later. */
export function later({ atMs }: OrderedBy, seconds: number): string {
  return new Date(atMs + seconds * 1_000).toISOString();
}

export const at = (ordered: OrderedBy): string => later(ordered, 0);
