/** Where this package reports what it does. All calls are cheap and never throw. */
export interface KubeMetrics {
  /** One request to the API ended; `status` 0 when there was no answer. */
  request(method: string, status: number, ms: number): void;
  /** A full list was read; `reason` is `start`, `expired` or `error`. */
  listed(resource: string, reason: string): void;
  watched(resource: string): void;
  /** `type` is ADDED, MODIFIED, DELETED, BOOKMARK or ERROR. */
  watchEvent(resource: string, type: string): void;
  handlerFailed(resource: string): void;
  storeSize(resource: string, size: number): void;
  queueDepth(controller: string, size: number): void;
  /** How long a key waited from ready to taken. */
  queueWait(controller: string, ms: number): void;
  retried(controller: string): void;
  /** `result` is `done`, `requeue`, `error`, `terminal` or `aborted`. */
  reconciled(controller: string, result: string, ms: number): void;
  leading(lease: string, holds: boolean): void;
  liveMembers(group: string, size: number): void;
  recorderDropped(): void;
}

const nothing = (): void => undefined;

export const noKubeMetrics: KubeMetrics = {
  request: nothing,
  listed: nothing,
  watched: nothing,
  watchEvent: nothing,
  handlerFailed: nothing,
  storeSize: nothing,
  queueDepth: nothing,
  queueWait: nothing,
  retried: nothing,
  reconciled: nothing,
  leading: nothing,
  liveMembers: nothing,
  recorderDropped: nothing,
};
