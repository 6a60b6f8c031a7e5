/** Runs the steps of a long command: says what is being done and how long it took, in the order of their ends. */
export class Steps {
  readonly #start = performance.now();
  readonly #taken: { readonly name: string; readonly ms: number }[] = [];

  async run<T>(name: string, work: (progress: (text: string) => void) => Promise<T>): Promise<T> {
    const start = performance.now();
    this.#print(`${name} …`);
    const result = await work((text) => this.#print(`${name}: ${text}`));
    const ms = performance.now() - start;
    this.#taken.push({ name, ms });
    this.#print(`${name} … done in ${seconds(ms)} s`);
    return result;
  }

  /** What took how long; steps that run side by side each count their whole time. */
  table(): string {
    const rows = [...this.#taken, { name: 'all together', ms: performance.now() - this.#start }];
    const width = Math.max(...rows.map(({ name }) => name.length));
    return rows.map(({ name, ms }) => `  ${name.padEnd(width)}  ${seconds(ms).padStart(7)} s`).join('\n');
  }

  #print(text: string): void {
    console.log(`[${seconds(performance.now() - this.#start).padStart(6)}s] ${text}`);
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
