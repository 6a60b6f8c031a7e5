import { beforeEach, describe, expect, test } from '@jest/globals';
import { OwnerTerms } from './owner-terms.ts';

describe('the terms of the owners that call', () => {
  let now = 0;
  let terms: OwnerTerms;
  beforeEach(() => {
    now = 0;
    terms = new OwnerTerms(() => now);
  });

  test('an order of a former owner is refused once its successor was heard, by an order or by a question', () => {
    terms.admit(3);
    terms.admit(4);
    expect(() => terms.admit(3)).toThrow('an engine of term 4 owns the cluster now, and this order is of term 3');
    terms.hear(5);
    expect(() => terms.admit(4)).toThrow('term 5');
    expect(() => terms.admit(5)).not.toThrow();
  });

  test('the questions of a former owner do not make it the owner again', () => {
    terms.hear(4);
    terms.hear(3);
    expect(() => terms.admit(3)).toThrow('term 4');
  });

  test('whoever names no term is a person, and changes nothing about who owns the cluster', () => {
    terms.admit(4);
    expect(() => terms.admit(undefined)).not.toThrow();
    terms.hear(undefined);
    expect(() => terms.admit(3)).toThrow('term 4');
  });

  test('an owner that was not heard for a minute is none: a record that begins anew counts from one', () => {
    terms.hear(4);
    now = 60_000;
    expect(() => terms.admit(1)).toThrow('term 4');
    now = 60_001;
    terms.admit(1);
    expect(() => terms.admit(1)).not.toThrow();
  });
});
