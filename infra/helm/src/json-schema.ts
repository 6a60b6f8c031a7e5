/** The few forms of JSON Schema that the values need; every object refuses keys it does not know. */

export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

export const object = (properties: Record<string, Schema>, description?: string): Schema => ({
  type: 'object',
  ...described(description),
  additionalProperties: false,
  properties,
});

export const text = (description: string, pattern?: string): Schema => ({
  type: 'string',
  description,
  ...(pattern === undefined ? {} : { pattern }),
});

export const choice = (description: string, values: readonly string[]): Schema => ({
  type: 'string',
  description,
  enum: values,
});

export const flag = (description: string): Schema => ({ type: 'boolean', description });

export const integer = (description: string, minimum: number, maximum: number): Schema => ({
  type: 'integer',
  description,
  minimum,
  maximum,
});

export const texts = (description: string): Schema => listOf({ type: 'string' }, description);

export const textMap = (description: string): Schema => ({
  type: 'object',
  description,
  additionalProperties: { type: 'string' },
});

export const listOf = (items: Schema, description: string): Schema => ({ type: 'array', description, items });

/** Any value: what it may be is checked by whoever reads it. */
export const anything = (description: string): Schema => ({ description });

/** A Kubernetes object, which Kubernetes itself checks. */
export const kubernetesObject = (description: string): Schema => ({ type: 'object', description });

export const kubernetesList = (description: string): Schema => ({
  type: 'array',
  description,
  items: { type: 'object' },
});

function described(description: string | undefined): { description?: string } {
  return description === undefined ? {} : { description };
}
