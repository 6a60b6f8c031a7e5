import { z } from 'zod';
import type { Route } from './route.ts';

const head = `<!-- Made by npm run generate from apps/topology-engine/src/http. -->

# HTTP API of topology-engine

Base path \`/api/v1\`, JSON. The same as [openapi.json](openapi.json), which says more of what is answered. How to use it, with examples:
[operations](../concepts/operations.md).

Every request needs a bearer token; only \`/healthz\` does not. What is refused is answered with \`{"reason", "message"}\`, and has changed nothing.
`;

/** docs/reference/api.md: what there is to ask, and what each order takes. */
export function referencePage(routes: readonly Route[]): string {
  const reads = routes.filter(({ method }) => method === 'get');
  const orders = routes.filter(({ method }) => method === 'post');
  return [head, '## Read', ...reads.map(section), '## Order', ordersHead, ...orders.map(section)]
    .join('\n\n')
    .concat('\n');
}

const ordersHead = `Beside its own fields, the body of every order takes \`dryRun\`, \`reason\`, \`epoch\` and \`planId\`; the headers are \`Idempotency-Key\` and \`Prefer: wait=SECONDS\`.
Answered with 202 and the run that has begun, or with 200 and the run that has ended, or the dry run.`;

const inEveryOrder: ReadonlySet<string> = new Set(['dryRun', 'reason', 'epoch', 'planId']);

function section({ method, path, summary, description, verb, query, body, headers }: Route): string {
  const own = Object.entries(body?.shape ?? {}).filter(([name]) => !inEveryOrder.has(name));
  const fields = [...own, ...Object.entries(query?.shape ?? {})].map(([name, field]) =>
    fieldRow(name, field as z.ZodType),
  );
  const inHeaders =
    method === 'get' ? Object.entries(headers ?? {}).map(([name, text]) => `| header \`${name}\` | | ${text} |`) : [];
  const rows = [...fields, ...inHeaders];
  return [
    `### ${method.toUpperCase()} ${path}`,
    [summary, description].filter(Boolean).join(' '),
    ...(rows.length > 0 ? [['| field | | |', '| --- | --- | --- |', ...rows].join('\n')] : []),
    `Verb: \`${verb}\`.`,
  ].join('\n\n');
}

function fieldRow(name: string, field: z.ZodType): string {
  const {
    description = '',
    type,
    enum: values,
    anyOf,
    default: standard,
    minimum,
    maximum,
  } = z.toJSONSchema(field, {
    io: 'input',
  }) as FieldSchema;
  const kind = values
    ? values.join(', ')
    : anyOf
      ? anyOf.map((one) => one.enum?.join(', ') ?? one.type).join(', ')
      : type;
  const bounds = minimum !== undefined && maximum !== undefined ? ` ${String(minimum)} to ${String(maximum)}` : '';
  const isOptional = field.safeParse(undefined).success;
  const presence = standard === undefined ? (isOptional ? ', optional' : '') : `, default ${String(standard)}`;
  return `| \`${name}\` | ${kind ?? ''}${bounds}${presence} | ${description} |`;
}

interface FieldSchema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly FieldSchema[];
  readonly default?: string | number | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}
