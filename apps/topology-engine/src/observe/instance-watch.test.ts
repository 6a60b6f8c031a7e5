import { expect, test } from '@jest/globals';
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

test('a look that was asked before another, and answers after it, changes nothing', async () => {
  const clock = new ManualClock();
  const eventLoop = new EventLoopWatch({ clock });
  const watch = new InstanceWatch({
    endpoint: { host: '127.0.0.1', port: 1, user: '', password: '' },
    clock,
    eventLoop,
    tenure: { term: 1, name: 'a', check: () => undefined, confirm: () => Promise.resolve() },
    onChange: () => undefined,
  });
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
