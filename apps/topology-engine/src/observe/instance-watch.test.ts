import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, jest, test } from '@jest/globals';
import type { Observation, SqlSession } from '@pilotfish/mysql';
import { EventLoopWatch } from '@pilotfish/service';
import { ManualClock } from '@pilotfish/testkit';
import { InstanceWatch } from './instance-watch.ts';

const closed: Observation = {
  serverUuid: '3e11fa47-71ca-11e1-9e33-c80aa9429562',
  serverId: 1,
  version: '8.4.8',
  readOnly: true,
  superReadOnly: true,
  gtidExecuted: '',
  gtidPurged: '',
  semiSyncSource: false,
  semiSyncWaitFor: 1,
  semiSyncReplica: true,
  semiSyncClients: 0,
  semiSyncWaitSessions: 0,
  replication: null,
  heartbeatAgeMs: null,
  uptimeSeconds: 60,
  clockMs: 0,
};

/** Answers when told to. */
function slowSession(): { session: SqlSession; answer: (observation: Observation) => void } {
  let answer: (observation: Observation) => void = () => undefined;
  const answered = new Promise<Observation>((resolve) => {
    answer = resolve;
  });
  const session: SqlSession = {
    observe: () => answered,
    query: () => Promise.reject(new Error('asks for an observation only')),
    destroy: () => undefined,
  };
  return { session, answer };
}

function watchOf(port: number, clock: ManualClock, eventLoop: EventLoopWatch): InstanceWatch {
  return new InstanceWatch({
    endpoint: { host: '127.0.0.1', port, user: '', password: '' },
    clock,
    eventLoop,
    tenure: { term: 1, name: 'a', check: () => undefined, confirm: () => Promise.resolve() },
    onChange: () => undefined,
  });
}

test('a look that was asked before another, and answers after it, changes nothing', async () => {
  const clock = new ManualClock();
  const eventLoop = new EventLoopWatch({ clock });
  const watch = watchOf(1, clock, eventLoop);
  const [early, late] = [slowSession(), slowSession()];
  const earlyView = watch.observeNow(early.session);
  await clock.advance(10);
  const lateView = watch.observeNow(late.session);
  await clock.advance(10);
  late.answer({ ...closed, readOnly: false });
  await lateView;
  await clock.advance(10);
  early.answer(closed);
  await expect(earlyView).resolves.toMatchObject({ readOnly: true });
  expect(watch.contact()).toMatchObject({ kind: 'observed', ageMs: 0, view: { readOnly: false } });
  eventLoop.close();
});

test('what calls for a look while one is under way is looked at right after it, without a pause', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it has no port');
  // Time stands still for the watch: a pause would not end.
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'setInterval'] });
  const clock = new ManualClock();
  const eventLoop = new EventLoopWatch({ clock });
  const watch = watchOf(address.port, clock, eventLoop);
  const running = watch.run();
  try {
    // Its own deadlines: the clock that jest's goes by stands still as well.
    const [first] = (await once(server, 'connection', { signal: AbortSignal.timeout(5_000) })) as [Socket];
    const again = once(server, 'connection', { signal: AbortSignal.timeout(5_000) });
    watch.look();
    first.destroy();
    const [second] = (await again) as [Socket];
    watch.stop();
    second.destroy();
  } finally {
    watch.stop();
    jest.useRealTimers();
    eventLoop.close();
    server.close();
  }
  await running;
});
