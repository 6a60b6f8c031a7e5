import { z } from 'zod';
import { withRules } from './rule.ts';

/** Kubernetes' way to write amounts: 500m, 1.5, 10Gi, 2e3. */
const quantityPattern =
  /^([+-]?)([0-9]+\.?[0-9]*|\.[0-9]+)(?:(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E)|[eE]([+-]?[0-9]{1,3}))?$/;

const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

export type Quantity = string | number;

/** Value in the base unit (bytes, cores), undefined when the text is no quantity. Exact up to 2^53. */
export function quantityValue(quantity: Quantity): number | undefined {
  if (typeof quantity === 'number') return quantity;
  const match = quantityPattern.exec(quantity);
  if (match === null) return undefined;
  const [, sign, digits, suffix, exponent] = match;
  const factor = suffix === undefined ? 10 ** Number(exponent ?? 0) : (factors[suffix] ?? 1);
  return (sign === '-' ? -1 : 1) * Number(digits) * factor;
}

const intOrString = z.union([z.int(), z.string().max(64)]);

const message =
  'the amount of a resource is a number of 0 or more with an optional suffix, such as 500m, 2, 512Mi or 10Gi';

export const quantity = withRules(intOrString.meta({ 'x-kubernetes-int-or-string': true, maxLength: 64 }), [
  {
    cel: "type(self) == string ? isQuantity(self) && quantity(self).compareTo(quantity('0')) >= 0 : self >= 0",
    message,
    holds: (value) => (quantityValue(value) ?? -1) >= 0,
  },
]);

/** Size of a volume: a quantity above zero. */
export const storageQuantity = withRules(intOrString.meta({ 'x-kubernetes-int-or-string': true, maxLength: 64 }), [
  {
    cel: "type(self) == string ? isQuantity(self) && quantity(self).compareTo(quantity('0')) > 0 : self > 0",
    message: 'the size of a volume is a number above 0 with an optional suffix, such as 512Mi, 10Gi or 1Ti',
    holds: (value) => (quantityValue(value) ?? 0) > 0,
  },
]);
