import type { z } from 'zod';
import type { HookMoment } from './hook-command.ts';

/** Settings of the operator that come from a configuration of Orchestrator. Absent: nothing was said. */
export interface OrchestratorSettings {
  readonly recoveryBlockSeconds?: number;
  readonly maxLagSeconds?: number;
  /** A candidate further behind than this is taken after the others. */
  readonly reasonableLagSeconds?: number;
  readonly whenBehind?: 'drain' | 'hold';
  readonly acrossZones?: boolean;
  readonly acrossRegions?: boolean;
  /** Clusters whose primaries are recovered; the same for intermediate primaries. */
  readonly recoverPrimary?: readonly ClusterFilter[];
  readonly recoverIntermediatePrimary?: readonly ClusterFilter[];
  /** Instances whose failure is not acted on, and instances that never become primary: expressions on their host names. */
  readonly ignoredHosts?: readonly RegExp[];
  readonly neverPromoted?: readonly RegExp[];
  readonly hooks?: readonly OrchestratorHook[];
}

/** `name`: equal to `<cluster>.<namespace>`; an expression otherwise. */
export type ClusterFilter = { readonly name: string } | { readonly expression: RegExp };

export interface OrchestratorHook {
  readonly moment: HookMoment;
  /** Program and arguments; old placeholders in braces. */
  readonly command: readonly string[];
}

/** What becomes of one setting of Orchestrator. */
export type Fate =
  | {
      readonly fate: 'honoured';
      /** What it does here. */
      readonly effect: string;
      /** Its values; what is refused is refused with the schema's sentence. */
      readonly schema: z.ZodType<OrchestratorSettings>;
    }
  /** Any value is accepted and changes nothing. */
  | { readonly fate: 'meaningless'; readonly because: string }
  /** Whoever sets it relies on something that is not done here. `unless`: values with which nothing is lost. */
  | { readonly fate: 'refused'; readonly because: string; readonly unless: readonly unknown[] };
