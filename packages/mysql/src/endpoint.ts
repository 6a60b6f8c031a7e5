/** Where a mysqld answers, and as whom to log in. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The unix socket, for a process beside mysqld; host and port are then names only. */
  readonly socketPath?: string;
  /** Connection attributes: what other sessions can tell this one by (`endSessions`). */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A limit that every call takes: how long it may last from now on, in milliseconds. */
export interface Deadline {
  readonly deadlineMs: number;
  /** Gives up early, as if the deadline had passed, with an error of kind Closed. */
  readonly signal?: AbortSignal;
}
