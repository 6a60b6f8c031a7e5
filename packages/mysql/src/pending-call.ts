import type { Deadline } from './endpoint.ts';
import { MysqlError } from './mysql-error.ts';

/** A call under way. It settles once: by its answer, its deadline, its signal, or the end of its session. */
export class PendingCall<Value> {
  readonly result: Promise<Value>;
  readonly #statement: string;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  #resolve: (value: Value) => void = () => undefined;
  #reject: (error: MysqlError) => void = () => undefined;
  #isSettled = false;

  /** `onGivenUp` is told when the deadline or the signal ended the call, after it has failed. */
  constructor(sql: string, { deadlineMs, signal }: Deadline, onGivenUp: (error: MysqlError) => void) {
    this.#statement = sql;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#onGivenUp = onGivenUp;
    this.#timer = setTimeout(() => {
      // An answer that came while this process was busy is still in the socket when the timer fires: it is read before setImmediate.
      setImmediate(() => {
        this.#giveUp(new MysqlError('Timeout', `no answer within ${deadlineMs} ms to: ${abridged(this.#statement)}`));
      });
    }, deadlineMs);
    this.#signal = signal;
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  succeed(value: Value): void {
    if (this.#settle()) this.#resolve(value);
  }

  fail(error: MysqlError): void {
    if (this.#settle()) this.#reject(error);
  }

  readonly #onGivenUp: (error: MysqlError) => void;

  readonly #onAbort = (): void => {
    this.#giveUp(new MysqlError('Closed', `given up: ${abridged(this.#statement)}`, { cause: this.#signal?.reason }));
  };

  #giveUp(error: MysqlError): void {
    if (!this.#settle()) return;
    this.#reject(error);
    this.#onGivenUp(error);
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    return true;
  }
}

/** Without its parameters, which may be passwords. */
function abridged(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ').trim();
  return line.length > 100 ? `${line.slice(0, 100)}…` : line;
}
