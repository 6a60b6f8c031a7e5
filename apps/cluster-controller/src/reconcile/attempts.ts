/** Runs things that may fail one by one, so that a failure of one stops none of the others, and keeps what failed. */
export class Attempts {
  readonly #failures: unknown[] = [];

  /** What failed so far. */
  get failures(): readonly unknown[] {
    return this.#failures;
  }

  /** The result, or `otherwise` when it failed. */
  async run<R, F>(work: Promise<R>, otherwise: F): Promise<R | F> {
    try {
      return await work;
    } catch (error) {
      this.#failures.push(error);
      return otherwise;
    }
  }

  failed(errors: readonly unknown[]): void {
    this.#failures.push(...errors);
  }
}
