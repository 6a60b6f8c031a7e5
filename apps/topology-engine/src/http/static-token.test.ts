import { expect, test } from '@jest/globals';
import { staticToken } from './static-token.ts';

test('one token may do everything, and no other is known, whatever its length', async () => {
  const authenticator = staticToken('secret', 'operator');
  const caller = await authenticator.identify('secret');
  expect(caller?.name).toBe('operator');
  expect(await caller?.may('failover', { namespace: 'any', name: 'cluster' })).toBe(true);
  for (const wrong of ['', 'secre', 'secret2', 'SECRET']) {
    expect(await authenticator.identify(wrong)).toBeUndefined();
  }
});
