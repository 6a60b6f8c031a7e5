import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '@pilotfish/testkit';
import fc from 'fast-check';
import { WorkQueue } from './work-queue.ts';

function newQueue() {
  const clock = new ManualClock();
  return { clock, queue: new WorkQueue({ name: 'test', clock, retryBurst: 1000 }) };
}

/** Everything that can be taken now, in order; each key is done at once. */
async function drain(queue: WorkQueue): Promise<string[]> {
  const taken: string[] = [];
  while (queue.depth > 0) {
    const key = await queue.get();
    if (key === undefined) break;
    taken.push(key);
    queue.done(key);
  }
  return taken;
}

describe('the work queue', () => {
  test('holds a key once however often it is added', async () => {
    const { queue } = newQueue();
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    expect(await drain(queue)).toEqual(['a', 'b']);
  });

  test('hands a key that was added while worked on out again, after it is done', async () => {
    const { queue } = newQueue();
    queue.add('a');
    await queue.get();
    queue.add('a');
    queue.add('a');
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect(await drain(queue)).toEqual(['a']);
  });

  test('puts what happens before the first list, and lifts a key of that list when it changes', async () => {
    const { queue } = newQueue();
    for (const key of ['a', 'b', 'c']) queue.add(key, 'low');
    queue.add('x');
    queue.add('c');
    queue.add('x', 'low');
    expect(await drain(queue)).toEqual(['x', 'c', 'a', 'b']);
  });

  test('lets the earliest of several delays count', async () => {
    const { clock, queue } = newQueue();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 300);
    queue.addAfter('a', 2000);
    await clock.advance(299);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(await drain(queue)).toEqual(['a']);
    await clock.advance(5000);
    expect(queue.depth).toBe(0);
  });

  test('takes a delay beyond what timers can for a long one, not for none', async () => {
    const { clock, queue } = newQueue();
    queue.addAfter('a', Number.POSITIVE_INFINITY);
    await clock.advance(86_400_000);
    expect(queue.depth).toBe(0);
  });

  test('doubles the delay of a failing key up to five minutes and starts over when forgotten', () => {
    const { queue } = newQueue();
    const delays = Array.from({ length: 15 }, () => queue.addRateLimited('a'));
    expect(delays.slice(0, 4)).toEqual([50, 100, 200, 400]);
    expect(delays.at(-1)).toBe(300_000);
    queue.forget('a');
    expect(queue.addRateLimited('a')).toBe(50);
  });

  test('slows the retries of all keys together down when there are too many', () => {
    const clock = new ManualClock();
    const queue = new WorkQueue({ name: 'test', clock, retryBurst: 2, retriesPerSecond: 10 });
    expect(['a', 'b', 'c', 'd'].map((key) => queue.addRateLimited(key))).toEqual([50, 50, 100, 200]);
  });

  test('gives waiting takers nothing at shutdown, and waits for what is worked on', async () => {
    const { queue } = newQueue();
    queue.add('a');
    expect(await queue.get()).toBe('a');
    const waiting = queue.get();
    queue.addAfter('b', 10);
    let down = false;
    const shutDown = queue.shutDown().then(() => {
      down = true;
    });
    expect(await waiting).toBeUndefined();
    expect(await queue.get()).toBeUndefined();
    expect(down).toBe(false);
    queue.done('a');
    await shutDown;
    queue.add('c');
    expect(queue.depth).toBe(0);
  });
});

type Command =
  | { readonly op: 'add' | 'done' | 'fail'; readonly key: string }
  | { readonly op: 'addAfter'; readonly key: string; readonly ms: number }
  | { readonly op: 'take' }
  | { readonly op: 'advance'; readonly ms: number };

/** What the queue promises, said as simply as can be: sets and a list of dates. */
class Model {
  nowMs = 0;
  readonly ready = new Set<string>();
  readonly processing = new Set<string>();
  readonly dirty = new Set<string>();
  readonly waiting = new Map<string, number>();
  readonly failures = new Map<string, number>();

  add(key: string): void {
    if (this.processing.has(key)) this.dirty.add(key);
    else this.ready.add(key);
  }

  addAfter(key: string, ms: number): void {
    if (ms <= 0) this.add(key);
    else this.waiting.set(key, Math.min(this.waiting.get(key) ?? Number.POSITIVE_INFINITY, this.nowMs + ms));
  }

  done(key: string): void {
    this.processing.delete(key);
    if (this.dirty.delete(key)) this.add(key);
  }

  advance(ms: number): void {
    this.nowMs += ms;
    const due = [...this.waiting].filter(([, atMs]) => atMs <= this.nowMs);
    for (const [key] of due) {
      this.waiting.delete(key);
      this.add(key);
    }
  }
}

const keyArbitrary = fc.constantFrom('a', 'b', 'c');
const commandArbitrary: fc.Arbitrary<Command> = fc.oneof(
  keyArbitrary.map((key) => ({ op: 'add' as const, key })),
  keyArbitrary.map((key) => ({ op: 'done' as const, key })),
  keyArbitrary.map((key) => ({ op: 'fail' as const, key })),
  fc.tuple(keyArbitrary, fc.integer({ min: 0, max: 500 })).map(([key, ms]) => ({ op: 'addAfter' as const, key, ms })),
  fc.constant({ op: 'take' as const }),
  fc.integer({ min: 1, max: 300 }).map((ms) => ({ op: 'advance' as const, ms })),
);

describe('the work queue, whatever is done to it', () => {
  test('does what the model does: no key lost, none handed out twice at a time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(commandArbitrary, { maxLength: 60 }), async (commands) => {
        const { clock, queue } = newQueue();
        const model = new Model();
        for (const command of commands) await step(command, queue, clock, model);
        expect(queue.depth).toBe(model.ready.size);
        for (const key of model.processing) {
          model.done(key);
          queue.done(key);
        }
        expect(new Set(await drain(queue))).toEqual(model.ready);
      }),
    );
  });
});

async function step(command: Command, queue: WorkQueue, clock: ManualClock, model: Model): Promise<void> {
  switch (command.op) {
    case 'add':
      queue.add(command.key);
      model.add(command.key);
      break;
    case 'addAfter':
      queue.addAfter(command.key, command.ms);
      model.addAfter(command.key, command.ms);
      break;
    case 'take': {
      if (queue.depth === 0) return;
      const key = (await queue.get()) ?? '';
      expect(model.ready.delete(key)).toBe(true);
      expect(model.processing.has(key)).toBe(false);
      model.processing.add(key);
      break;
    }
    case 'done':
      if (!model.processing.has(command.key)) return;
      queue.done(command.key);
      model.done(command.key);
      break;
    case 'fail': {
      if (!model.processing.has(command.key)) return;
      const failures = model.failures.get(command.key) ?? 0;
      model.failures.set(command.key, failures + 1);
      expect(queue.addRateLimited(command.key)).toBe(Math.min(300_000, 50 * 2 ** failures));
      model.addAfter(command.key, Math.min(300_000, 50 * 2 ** failures));
      break;
    }
    case 'advance':
      await clock.advance(command.ms);
      model.advance(command.ms);
      break;
  }
  expect(queue.depth).toBe(model.ready.size);
}
