import { expect, test } from '@jest/globals';
import { eventually } from '@pilotfish/testkit';
import { type BeatOutcome, Heartbeat } from './heartbeat.ts';

interface Fake {
  readonly heartbeat: Heartbeat;
  /** Lets what it says be acknowledged until it is done. @returns what it said since the last time */
  readonly done: () => Promise<string[]>;
}

/** Over a session whose statements wait until the test lets them end. */
function fake(): Fake {
  const said: string[] = [];
  const waiting: (() => void)[] = [];
  const outcomes: BeatOutcome[] = [];
  const query = <Row>(sql: string): Promise<Row[]> => {
    said.push(sql.split(' ')[0] ?? '');
    return new Promise((resolve) => waiting.push(() => resolve([])));
  };
  const done = async (): Promise<string[]> => {
    await eventually(
      () => {
        waiting.shift()?.();
        return outcomes.shift() === 'written';
      },
      { deadlineMs: 5_000, describe: 'the beat to be written' },
    );
    return said.splice(0);
  };
  return { heartbeat: new Heartbeat({ query }, (outcome) => outcomes.push(outcome)), done };
}

test('the first beat takes away those of other servers, the next ones do not', async () => {
  const { heartbeat, done } = fake();
  heartbeat.beat();
  expect(await done()).toEqual(['REPLACE', 'DELETE']);
  heartbeat.beat();
  expect(await done()).toEqual(['REPLACE']);
});

test('so does the first one after another server beat', async () => {
  const { heartbeat, done } = fake();
  heartbeat.beat();
  await done();
  heartbeat.rest();
  heartbeat.beat();
  expect(await done()).toEqual(['REPLACE', 'DELETE']);
});

test('and the next one when another server beat while one waited here', async () => {
  const { heartbeat, done } = fake();
  heartbeat.beat();
  heartbeat.rest();
  await done();
  heartbeat.beat();
  expect(await done()).toEqual(['REPLACE', 'DELETE']);
});
