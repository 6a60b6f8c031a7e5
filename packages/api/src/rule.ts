import { z } from 'zod';

/**
 * A rule in the two languages it is checked in: CEL, by the API server when an object is written, and a predicate, by
 * our services when they read one (it may be older than the rule). Both give the same message, which says what to do.
 */
export interface Rule<T> {
  readonly cel: string;
  readonly message: string;
  readonly holds: (value: T) => boolean;
  /** Field the API server names instead of the one the rule is on, e.g. `.secretName`. */
  readonly fieldPath?: string;
  readonly reason?: 'FieldValueRequired' | 'FieldValueInvalid' | 'FieldValueForbidden';
}

/** A rule about a change (CEL's oldSelf): only the API server sees both versions. */
export type TransitionRule = Omit<Rule<never>, 'holds'>;

export interface KubernetesValidation {
  rule: string;
  message: string;
  fieldPath?: string;
  reason?: string;
}

export const validationsKey = 'x-kubernetes-validations';

/** Attaches rules to a schema: as zod refinements, and as metadata that ends up in the CRD. */
export function withRules<T extends z.ZodType>(
  schema: T,
  rules: readonly Rule<z.output<T>>[],
  transitions: readonly TransitionRule[] = [],
): T {
  let checked = schema;
  for (const { holds, message, fieldPath } of rules) {
    const path = fieldPath === undefined ? [] : fieldPath.slice(1).split('.');
    checked = checked.refine((value) => holds(value), { error: message, path });
  }
  return checked.meta({
    ...schema.meta(),
    [validationsKey]: [...rules, ...transitions].map(toKubernetes),
  });
}

function toKubernetes(rule: TransitionRule): KubernetesValidation {
  return {
    rule: rule.cel,
    message: rule.message,
    ...(rule.fieldPath === undefined ? {} : { fieldPath: rule.fieldPath }),
    ...(rule.reason === undefined ? {} : { reason: rule.reason }),
  };
}

/** An integer within bounds. The bounds become CEL, whose message can say more than OpenAPI's `minimum`. */
export function boundedInteger(
  bounds: { min: number; max: number; format?: 'int32' | 'int64' },
  message: string,
): z.ZodInt {
  const { min, max, format = 'int32' } = bounds;
  return withRules(z.int().meta({ format }), [
    { cel: `self >= ${String(min)} && self <= ${String(max)}`, message, holds: (n) => n >= min && n <= max },
  ]);
}

/** A string that matches a regular expression known to both JavaScript and RE2. */
export function patternString(maxLength: number, pattern: RegExp, message: string): z.ZodString {
  return withRules(z.string().max(maxLength), [
    { cel: `self.matches(${celString(pattern.source)})`, message, holds: (text) => pattern.test(text) },
  ]);
}

/** A CEL string literal. */
export const celString = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
