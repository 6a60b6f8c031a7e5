/** A bell that is rung from outside: rings while nobody waits are kept, and many rings are one. */
export class Wake {
  #rung = false;
  #waiter: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#waiter?.();
  }

  /** Resolves at the next ring, after `ms` milliseconds, or when the signal is aborted, whichever is first. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, ms);
        const onAbort = (): void => done();
        signal.addEventListener('abort', onAbort, { once: true });
        this.#waiter = done;
        function done(): void {
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
          resolve();
        }
      });
      this.#waiter = undefined;
    }
    this.#rung = false;
  }
}
