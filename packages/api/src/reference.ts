import { type ConditionMeaning, conditionTypes, conditionVocabulary } from './conditions.ts';
import { mysqlClusterSchema } from './crd.ts';
import { apiVersion, kind } from './names.ts';
import { type KubernetesValidation, validationsKey } from './rule.ts';
import type { StructuralSchema } from './structural.ts';

interface Field {
  readonly path: string;
  readonly type: string;
  readonly defaultValue: string;
  readonly meaning: string;
  readonly rules: readonly string[];
}

/** The reference page of the resource, as Markdown, from the same schema that becomes the CRD. */
export function referencePage(): string {
  const { properties } = mysqlClusterSchema();
  const { spec, status } = properties as Record<'spec' | 'status', StructuralSchema>;
  return [
    `# ${kind}`,
    '',
    `\`${apiVersion}\`, namespaced, short name \`mysql\`. Generated from \`packages/api\`: do not edit.`,
    '',
    'A field that is not listed does not exist: `kubectl apply --validate=strict` refuses it. Defaults are applied in',
    'memory and never written into the object. A rule that is broken refuses the object with the sentence shown here.',
    '',
    ...section('spec', 'What you write', fieldsOf(spec, 'spec')),
    ...section('status', 'What the operator reports', fieldsOf(status, 'status')),
    '## Conditions',
    '',
    ...conditionTypes.flatMap((type) => conditionTable(type, conditionVocabulary[type])),
    '## Rules about the object',
    '',
    ...rulesOf(mysqlClusterSchema()).map((rule) => `- ${sentence(rule)}`),
    '- The host names of the instances, `<name>-mysql-<n>.mysql.<namespace>`, have at most 60 characters, because MySQL',
    '  stores no more. An admission policy in the chart `crds` refuses longer ones.',
    ...rulesOf(spec).map((rule) => `- ${sentence(rule)}`),
    '',
  ].join('\n');
}

function section(name: string, title: string, fields: readonly Field[]): string[] {
  const rows = fields.map(({ path, type, defaultValue, meaning, rules }) => {
    const text = [meaning, ...rules.map((rule) => `_${sentence(rule)}_`)].filter((part) => part !== '').join(' ');
    return `| \`${path}\` | ${type} | ${defaultValue} | ${cell(text)} |`;
  });
  return [
    `## ${name}: ${title.toLowerCase()}`,
    '',
    '| field | type | default | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ];
}

function conditionTable(type: string, { meaning, writer, reasons }: ConditionMeaning): string[] {
  const rows = Object.entries(reasons).map(
    ([reason, { status, meaning: what, remedy }]) => `| ${status} | \`${reason}\` | ${cell(what)} | ${cell(remedy)} |`,
  );
  return [
    `### ${type}`,
    '',
    `${meaning} Written by ${writer}.`,
    '',
    '| status | reason | meaning | what to do |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ];
}

function fieldsOf(schema: StructuralSchema, path: string): Field[] {
  return children(schema, path).flatMap(([childPath, child]) => [
    describe(child, childPath),
    ...fieldsOf(child, childPath),
  ]);
}

function children(schema: StructuralSchema, path: string): [string, StructuralSchema][] {
  const owner = schema.items === undefined ? schema : (schema.items as StructuralSchema);
  const prefix = schema.items === undefined ? path : `${path}[]`;
  const properties = (owner.properties ?? {}) as Record<string, StructuralSchema>;
  return Object.entries(properties).map(([name, child]) => [`${prefix}.${name}`, child]);
}

function describe(schema: StructuralSchema, path: string): Field {
  const description = typeof schema.description === 'string' ? schema.description : '';
  const [meaning = '', rest] = description.split(/\s?Default: /);
  const values = schema.additionalProperties as StructuralSchema | undefined;
  return {
    path: path.replace(/^(spec|status)\./, ''),
    type: typeOf(schema),
    defaultValue: rest === undefined ? '' : cell(rest.replace(/\.$/, '')),
    meaning,
    rules: [...rulesOf(schema), ...(values === undefined ? [] : rulesOf(values))],
  };
}

function typeOf(schema: StructuralSchema): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `\`${String(value) || "''"}\``).join(', ');
  if (schema['x-kubernetes-int-or-string'] === true) return 'integer or string';
  if (schema.items !== undefined) return `list of ${typeOf(schema.items as StructuralSchema)}`;
  if (schema.additionalProperties !== undefined) {
    return `map to ${typeOf(schema.additionalProperties as StructuralSchema)}`;
  }
  if (schema.format === 'date-time') return 'time';
  return String(schema.type);
}

function rulesOf(schema: StructuralSchema): string[] {
  const rules = (schema[validationsKey] ?? []) as readonly KubernetesValidation[];
  return rules.map(({ message }) => message);
}

const sentence = (text: string): string => {
  const capital = /^[a-z]+[A-Z]/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return `${capital}.`;
};

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
