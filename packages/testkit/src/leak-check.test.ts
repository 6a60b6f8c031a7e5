import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkLeaks, StartedProcess, type TestHooks, tempFolder } from './index.ts';

checkLeaks({ beforeAll, afterAll });

/** Plays jest for a test file within this one. */
class Hooks implements TestHooks {
  readonly #before: (() => void | Promise<void>)[] = [];
  readonly #after: (() => void | Promise<void>)[] = [];
  readonly beforeAll = (hook: () => void | Promise<void>): void => void this.#before.push(hook);
  readonly afterAll = (hook: () => void | Promise<void>): void => void this.#after.push(hook);

  async run(file: () => Promise<void>): Promise<void> {
    for (const hook of this.#before) await hook();
    await file();
    for (const hook of this.#after) await hook();
  }
}

test('a file that closes what it opens passes', async () => {
  const hooks = new Hooks();
  checkLeaks(hooks);
  await hooks.run(async () => {
    const folder = await tempFolder('leak');
    await folder.remove();
  });
});

test('a process left running fails the file, and is ended', async () => {
  const hooks = new Hooks();
  checkLeaks(hooks);
  let pid = 0;
  const file = hooks.run(async () => {
    const started = await StartedProcess.start({ name: 'a sleeper', command: 'sleep', args: ['60'], cwd: '/' });
    pid = started.pid;
  });
  await expect(file).rejects.toThrow(/left running by the tests: a sleeper/);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a server left listening fails the file', async () => {
  const hooks = new Hooks();
  checkLeaks(hooks);
  const server = createServer();
  const file = hooks.run(
    async () =>
      await new Promise((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      }),
  );
  await expect(file).rejects.toThrow('handles left open by the tests: 1 TCPServerWrap');
  await new Promise((resolve) => server.close(resolve));
});
