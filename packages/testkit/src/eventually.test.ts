import { expect, test } from '@jest/globals';
import { eventually } from './index.ts';

test('returns the first value that is one', async () => {
  let calls = 0;
  const value = await eventually(
    () => {
      calls += 1;
      return calls < 3 ? undefined : calls;
    },
    { deadlineMs: 1_000, describe: 'the third call', intervalMs: 1 },
  );
  expect(value).toBe(3);
});

test('says what it waited for, with the last error as the cause', async () => {
  const waiting = eventually(() => Promise.reject(new Error('not yet')), {
    deadlineMs: 20,
    describe: 'the impossible',
    intervalMs: 1,
  });
  await expect(waiting).rejects.toMatchObject({
    message: 'waited 20 ms in vain for the impossible',
    cause: new Error('not yet'),
  });
});
