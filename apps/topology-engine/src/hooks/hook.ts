import { type HookMoment, hookCommand, hookMoments, type OrchestratorSettings } from '@pilotfish/api';
import { z } from 'zod';

/** A program of the operator's owner that is told of failovers. */
export interface Hook {
  readonly on: HookMoment;
  /** Program and arguments, run without a shell; placeholders in arguments are replaced. */
  readonly command: readonly string[];
  /** Then it is killed. Nothing waits for it any longer than this. */
  readonly timeoutMs: number;
  /** A `before-` hook that ends with an exit code other than 0 keeps the plan from beginning. */
  readonly veto: boolean;
}

const defaultTimeoutSeconds = 5;

const hook = z
  .strictObject({
    on: z.enum(hookMoments),
    command: hookCommand,
    timeoutSeconds: z.number().min(0.1).max(60).default(defaultTimeoutSeconds),
    veto: z.boolean().default(false),
  })
  .refine(({ on, veto }) => !veto || on.startsWith('before-'), { error: 'only a before- hook can veto' })
  .transform(({ timeoutSeconds, ...given }): Hook => ({ ...given, timeoutMs: timeoutSeconds * 1_000 }));

export const hookList = z.array(hook).max(32);

/** A JSON text: `[{"on": "after-failover", "command": ["/hooks/tell", "{successorHost}"], "timeoutSeconds": 2}]`. */
export const hooksText = z.string().transform((text, context): readonly Hook[] => {
  const parsed = hookList.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) {
    context.addIssue({ code: 'custom', message: `${path.length > 0 ? `hook ${path.join('.')} ` : ''}${message}` });
  }
  return z.NEVER;
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Those that came with a configuration of Orchestrator: with the usual time-out, and without a say. */
export const plainHooks = ({ hooks: given = [] }: OrchestratorSettings): readonly Hook[] =>
  given.map(({ moment, command }) => ({ on: moment, command, timeoutMs: defaultTimeoutSeconds * 1_000, veto: false }));
