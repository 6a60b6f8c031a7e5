/**
 * This engine's time as the owner of a cluster. Two engines may both believe that they own one, for as long as neither asks:
 * what each of them says to a server has effect only while the record agrees.
 */
export interface Tenure {
  /** Counted up with each owner. Agents refuse the orders of one that another has followed. */
  readonly term: number;
  /** Different for each owner there was. Its sessions for statements bear it, so that the next owner can end them. */
  readonly name: string;
  /**
   * Right before a statement: this engine's lease is held at this very moment, and it has not heard of another owner.
   * @throws OutrunError
   */
  check(): void;
  /** Asks the record. @throws OutrunError if another engine owns the cluster by now, or the record does not answer */
  confirm(): Promise<void>;
}

/** Another engine recorded something first; what this one was about to do is void. */
export class OutrunError extends Error {
  override readonly name: string = 'OutrunError';
}

/** It can't be shown now that this engine owns the cluster. Nothing is sent and nothing recorded; another one may start soon. */
export class LapsedError extends OutrunError {
  override readonly name = 'LapsedError';
}
