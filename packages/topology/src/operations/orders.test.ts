import { expect, test } from '@jest/globals';
import { changeOrders } from './orders.ts';

const paused = { by: 'ada', reason: '' };

test('a change is laid over what stands, null takes back, and an instance without orders is left out', () => {
  const first = changeOrders(undefined, { paused, instances: [{ name: 'b', follows: 'a', promotionRule: 'prefer' }] });
  expect(first).toEqual({ paused, instances: [{ name: 'b', follows: 'a', promotionRule: 'prefer' }] });
  const second = changeOrders(first, {
    instances: [
      { name: 'a', promotionRule: 'mustNot' },
      { name: 'b', follows: null },
    ],
  });
  expect(second).toEqual({
    paused,
    instances: [
      { name: 'a', promotionRule: 'mustNot' },
      { name: 'b', promotionRule: 'prefer' },
    ],
  });
  expect(changeOrders(second, { paused: null, instances: [{ name: 'b', promotionRule: null }] })).toEqual({
    instances: [{ name: 'a', promotionRule: 'mustNot' }],
  });
});
