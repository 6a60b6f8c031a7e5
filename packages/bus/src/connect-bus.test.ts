import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { allEvents } from '@pilotfish/events';
import { checkLeaks, freePort } from '@pilotfish/testkit';
import { nullBus } from './null-bus.ts';
import { openedEvent } from './test-events.ts';
import { observedBus } from './test-harness.ts';

checkLeaks({ beforeAll, afterAll });

test('without a server to connect to there is a bus that does nothing and is fine', async () => {
  const { bus: none } = observedBus('');
  expect(none).toBe(nullBus);
  none.publish(openedEvent(1));
  none.subscribe(allEvents, () => undefined).close();
  expect(none.status.connected).toBe(true);
  await none.close();
});

test('a bus that never found its server can be closed at once', async () => {
  const port = await freePort();
  const { bus: lonely } = observedBus(`nats://127.0.0.1:${String(port)}`);
  lonely.publish(openedEvent(1));
  await lonely.close();
  await lonely.close();
  expect(lonely.status.connected).toBe(false);
});
