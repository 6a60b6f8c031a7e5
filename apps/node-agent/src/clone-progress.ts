import type { CloneStatus } from '@pilotfish/mysql';

/** Finds out when a clone neither copies anything nor changes its stage any more. */
export class ProgressWatch {
  readonly #limitMs: number;
  #seen = '';
  #sinceMs: number | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** `status` null: mysqld did not tell; that is no progress either. */
  isStalled(status: CloneStatus | null, nowMs: number): boolean {
    const now = status === null ? this.#seen : `${status.state} ${status.stage} ${status.copiedBytes}`;
    if (now !== this.#seen || this.#sinceMs === undefined) {
      this.#seen = now;
      this.#sinceMs = nowMs;
    }
    return nowMs - this.#sinceMs >= this.#limitMs;
  }

  restart(nowMs: number): void {
    this.#sinceMs = nowMs;
  }
}

export function describeProgress({ stage, copiedBytes, estimatedBytes }: CloneStatus): string {
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  return `${stage === '' ? 'between stages' : stage.toLowerCase()}: ${mebibytes(copiedBytes)} of about ${mebibytes(estimatedBytes)} MiB`;
}
