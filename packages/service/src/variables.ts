import * as z from 'zod';
import { formatDuration, parseDuration } from './duration.ts';
import { logLevels } from './logger.ts';

/** What the table of variables and the masking need to know of a variable; kept as zod metadata. */
export type VariableKind = 'duration' | 'secret' | 'json';

/** Text such as `15s` or `1m30s`, read as milliseconds. */
export function duration() {
  return z
    .codec(z.string(), z.number().nonnegative(), {
      decode: (text, context) => {
        const ms = parseDuration(text);
        if (ms === undefined) {
          context.issues.push({ code: 'custom', input: text, message: 'expected a duration such as 15s or 1m30s' });
          return z.NEVER;
        }
        return ms;
      },
      encode: formatDuration,
    })
    .meta({ kind: 'duration' satisfies VariableKind });
}

/** Never printed. Any variable `X` marked so may also be given as `X_FILE`, the path of a file that holds it. */
export function secret() {
  return z
    .string()
    .min(1)
    .meta({ kind: 'secret' satisfies VariableKind });
}

/** A whole number. */
export function integer({ min, max }: { readonly min: number; readonly max: number }) {
  return z
    .string()
    .regex(/^-?\d+$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min).max(max));
}

/** A TCP port; 0 lets the system choose. */
export function port() {
  return integer({ min: 0, max: 65_535 });
}

/** `true` or `false`, nothing else. */
export function flag() {
  return z.enum(['true', 'false']).transform((text) => text === 'true');
}

/** JSON text of the given shape. */
export function json<S extends z.ZodType>(schema: S) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.issues.push({ code: 'custom', input: text, message: 'expected JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema)
    .meta({ kind: 'json' satisfies VariableKind });
}

/** The variables that every service has; spread them into its own schema. */
export const serviceVariables = {
  PILOTFISH_LOG_LEVEL: z.enum(logLevels).default('info').describe('least level that is logged'),
  PILOTFISH_OPS_PORT: port().default(8081).describe('port of /healthz, /readyz and /metrics'),
  POD_NAME: z.string().default('').describe('name of the own pod'),
  POD_NAMESPACE: z.string().default('').describe('namespace of the own pod'),
};
