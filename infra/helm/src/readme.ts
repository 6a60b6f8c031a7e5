import type { Schema } from './json-schema.ts';

export type Values = Readonly<Record<string, unknown>>;

interface Row {
  readonly key: string;
  readonly defaultValue: unknown;
  readonly description: string;
}

/** Table of all settings below a schema, with their defaults. */
export function valuesTable(schema: Schema, values: Values, prefix: string): string {
  const rows = rowsOf(schema, values, prefix);
  return [
    '| key | default | meaning |',
    '| --- | --- | --- |',
    ...rows.map(({ key, defaultValue, description }) => `| \`${key}\` | ${literal(defaultValue)} | ${description} |`),
  ].join('\n');
}

function rowsOf(schema: Schema, values: Values, prefix: string): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const key = `${prefix}${name}`;
    const value = values[name];
    if (child.properties !== undefined) return rowsOf(child, isValues(value) ? value : {}, `${key}.`);
    return [{ key, defaultValue: value, description: child.description ?? '' }];
  });
}

function literal(value: unknown): string {
  if (value === undefined || value === '') return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

export const isValues = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Replaces what is between the two markers of a section. */
export function replaceSection(page: string, name: string, content: string): string {
  const begin = `<!-- begin ${name} -->`;
  const end = `<!-- end ${name} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no section between "${begin}" and "${end}"`);
  return `${page.slice(0, from + begin.length)}\n\n${content}\n\n${page.slice(to)}`;
}
