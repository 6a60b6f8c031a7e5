/**
 * Writes values.schema.json of every chart and the tables of values in the chart's README. With --check it writes
 * nothing and exits 1 when a file is not what it would write.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { object, type Schema } from './json-schema.ts';
import { replaceSection, type Values, valuesTable } from './readme.ts';
import { subchartSchema, subcharts, umbrellaSchema } from './values-schema.ts';

const chart = join(import.meta.dirname, '../pilotfish');
const isCheck = process.argv.includes('--check');

const readValues = async (folder: string): Promise<Values> =>
  parse(await readFile(join(folder, 'values.yaml'), 'utf8')) as Values;

const schemaFile = (schema: Schema): string =>
  `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema }, null, 2)}\n`;

const files = new Map([[join(chart, 'values.schema.json'), schemaFile(umbrellaSchema())]]);
const umbrella = await readValues(chart);
const { global } = umbrellaSchema().properties ?? {};
const tables = [`### global\n\n${valuesTable(global ?? object({}), umbrella.global as Values, 'global.')}`];

for (const [name, properties] of Object.entries(subcharts)) {
  const folder = join(chart, 'charts', name);
  files.set(join(folder, 'values.schema.json'), schemaFile(subchartSchema(name)));
  const { exports: _, ...settings } = properties;
  tables.push(`### ${name}\n\n${valuesTable(object(settings), await readValues(folder), `${name}.`)}`);
}

const readme = join(chart, 'README.md');
files.set(readme, replaceSection(await readFile(readme, 'utf8'), 'values', tables.join('\n\n')));

for (const [file, content] of files) {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === content) continue;
  console.log(`${isCheck ? 'out of date' : 'wrote'}: ${file.slice(chart.length + 1)}`);
  if (isCheck) process.exitCode = 1;
  else await writeFile(file, content);
}
