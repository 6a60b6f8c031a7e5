import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RelayOrder } from './relay.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

/** The relay as a process of its own: what makes this one busy does not make the network slow. */
export class RelayProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(listen: Extract<RelayOrder, { listen: unknown }>['listen']): Promise<RelayProcess> {
    // A network gets no slower when processors are busy.
    const niceness = ['-n', '-10'];
    const program = ['infra/build/program.mjs', 'e2e/src/bench/calm/relay.ts'];
    const child = spawn('nice', [...niceness, process.execPath, ...program], {
      cwd: repository,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const relay = new RelayProcess(child);
    await relay.#order({ listen });
    return relay;
  }

  /** From now on each byte arrives so much later. */
  async delay(delayMs: number): Promise<void> {
    await this.#order({ delayMs });
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }

  async #order(order: RelayOrder): Promise<void> {
    const done = once(this.#child, 'message');
    const ended = once(this.#child, 'exit').then(() => {
      throw new Error('the relay has ended');
    });
    this.#child.send(order);
    await Promise.race([done, ended]);
    ended.catch(() => undefined);
  }
}
