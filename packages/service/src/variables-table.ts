import * as z from 'zod';
import { formatDuration } from './duration.ts';

/** An object whose keys are names of environment variables. */
export type ConfigSchema = z.ZodObject<z.core.$ZodShape>;

/** One row of the table that `--help` and the reference page print. */
export interface VariableDescription {
  readonly name: string;
  readonly required: boolean;
  /** As it would be written in the environment; absent when there is none. */
  readonly defaultText?: string;
  readonly description: string;
  readonly secret: boolean;
}

/** The variables of a schema in its order. */
export function listVariables(schema: ConfigSchema): VariableDescription[] {
  return Object.entries(schema.shape).map(([name, variable]) => describe(name, variable));
}

/** A plain text table, ending in a newline. */
export function describeVariables(schema: ConfigSchema): string {
  const rows = listVariables(schema).map((variable) => ({
    name: variable.secret ? `${variable.name}[_FILE]` : variable.name,
    value: variable.required ? 'required' : (variable.defaultText ?? '') || '-',
    description: variable.description,
  }));
  const nameWidth = Math.max(8, ...rows.map((row) => row.name.length));
  const valueWidth = Math.max(7, ...rows.map((row) => row.value.length));
  const line = (name: string, value: string, description: string): string =>
    `${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  ${description}`.trimEnd();
  return `${[line('VARIABLE', 'DEFAULT', 'MEANING'), ...rows.map((r) => line(r.name, r.value, r.description))].join('\n')}\n`;
}

export function isSecret(variable: z.core.$ZodType | undefined): boolean {
  return layers(variable).some((layer) => z.globalRegistry.get(layer)?.kind === 'secret');
}

function describe(name: string, variable: z.core.$ZodType): VariableDescription {
  const inside = layers(variable);
  const metadata = inside.map((layer) => z.globalRegistry.get(layer) ?? {});
  const description = metadata.find((meta) => meta.description)?.description ?? '';
  const kind = metadata.find((meta) => meta.kind)?.kind;
  const fallback = defaultOf(inside);
  return {
    name,
    required: !z.safeParse(variable, undefined).success,
    ...(fallback === undefined ? {} : { defaultText: textOf(fallback, kind) }),
    description,
    secret: kind === 'secret',
  };
}

/** A schema and what it wraps, outermost first: metadata may sit on any of them. */
function layers(variable: z.core.$ZodType | undefined): z.core.$ZodType[] {
  if (variable === undefined) return [];
  const { innerType } = variable._zod.def as z.core.$ZodTypeDef & { readonly innerType?: z.core.$ZodType };
  return [variable, ...layers(innerType)];
}

function defaultOf(inside: readonly z.core.$ZodType[]): unknown {
  const holder = inside.find((layer) => 'defaultValue' in layer._zod.def);
  return (holder?._zod.def as { readonly defaultValue?: unknown } | undefined)?.defaultValue;
}

function textOf(value: unknown, kind: unknown): string {
  if (kind === 'duration' && typeof value === 'number') return formatDuration(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
