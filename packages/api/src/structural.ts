/** A node of a structural schema: the subset of OpenAPI that CustomResourceDefinitions may use. */
export type StructuralSchema = Record<string, unknown>;

type Json = Readonly<Record<string, unknown>>;

/** Keywords that pass unchanged. Anything not handled by name is an error: better here than in the API server. */
const passed = new Set(['type', 'description', 'enum', 'format', 'maxLength', 'maxItems', 'maxProperties', 'pattern']);

/** What JSON Schema's integers mean by default; as bounds in a CRD they would only be noise. */
const safeInteger = Number.MAX_SAFE_INTEGER;

/** Marks a property whose absence a CEL rule reports, with a better sentence than "Required value". */
const requiredByRule = 'x-pilotfish-required-by-rule';

/**
 * Turns a JSON Schema made by zod into a structural schema, and checks what keeps the cost of CEL rules bounded: every
 * string, list and map has a maximum. Throws with the path of what it cannot turn.
 */
export function toStructural(schema: unknown, path = ''): StructuralSchema {
  const input = asObject(schema, path);
  if (input['x-kubernetes-int-or-string'] === true) return intOrString(input, path);
  const out: StructuralSchema = {};
  for (const [key, value] of Object.entries(input)) {
    if (passed.has(key) || key.startsWith('x-kubernetes-')) out[key] = value;
    else Object.assign(out, translate(key, value, input, path));
  }
  if (typeof input.format === 'string' && input.format === 'date-time') delete out.pattern;
  requireBounds(out, path);
  return out;
}

function translate(key: string, value: unknown, input: Json, path: string): StructuralSchema {
  switch (key) {
    case 'properties': {
      const properties = asObject(value, path);
      const entries = Object.entries(properties).map(([name, child]) => [name, toStructural(child, `${path}.${name}`)]);
      return entries.length === 0 ? {} : { properties: Object.fromEntries(entries) };
    }
    case 'required':
      return required(value as readonly string[], input, path);
    case 'items':
      return { items: toStructural(value, `${path}[]`) };
    case 'additionalProperties':
      return additional(value, input, path);
    case 'minimum':
    case 'maximum':
      return Math.abs(value as number) === safeInteger ? {} : { [key]: value };
    case requiredByRule:
      return {};
    default:
      throw new Error(`${path}: the keyword ${key} has no place in a CustomResourceDefinition`);
  }
}

function required(names: readonly string[], input: Json, path: string): StructuralSchema {
  const properties = asObject(input.properties, path);
  const kept = names.filter((name) => asObject(properties[name], path)[requiredByRule] !== true);
  return kept.length === 0 ? {} : { required: kept };
}

/** `{}` stands for zod's loose objects, false for strict ones (pruning does that anyway), a schema for a map. */
function additional(value: unknown, input: Json, path: string): StructuralSchema {
  if (value === false) return {};
  const isLoose = value === true || Object.keys(asObject(value, path)).length === 0;
  if (isLoose) return { 'x-kubernetes-preserve-unknown-fields': true };
  if (input.properties !== undefined)
    throw new Error(`${path}: properties and additionalProperties exclude each other`);
  return { additionalProperties: toStructural(value, `${path}.*`) };
}

/** The one union that Kubernetes knows, in the exact form it asks for. */
function intOrString(input: Json, path: string): StructuralSchema {
  const out: StructuralSchema = { anyOf: [{ type: 'integer' }, { type: 'string' }] };
  for (const [key, value] of Object.entries(input)) {
    if (key === 'anyOf') continue;
    if (passed.has(key) || key.startsWith('x-kubernetes-')) out[key] = value;
    else throw new Error(`${path}: the keyword ${key} has no place beside x-kubernetes-int-or-string`);
  }
  if (out.maxLength === undefined) throw new Error(`${path}: a string needs maxLength`);
  return out;
}

function requireBounds(schema: StructuralSchema, path: string): void {
  const { type } = schema;
  if (type === undefined) throw new Error(`${path}: every schema needs a type`);
  const isFree = schema.enum === undefined && schema.format !== 'date-time';
  if (type === 'string' && isFree && schema.maxLength === undefined)
    throw new Error(`${path}: a string needs maxLength`);
  if (type === 'array' && schema.maxItems === undefined) throw new Error(`${path}: a list needs maxItems`);
  if (schema.additionalProperties !== undefined && schema.maxProperties === undefined) {
    throw new Error(`${path}: a map needs maxProperties`);
  }
}

function asObject(value: unknown, path: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${path}: expected an object`);
  return value as Json;
}
