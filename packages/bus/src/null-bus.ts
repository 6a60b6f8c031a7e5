import type { Bus } from './bus.ts';

/** The bus of a process that was given no NATS URL: tells nobody, hears nothing, is always fine. */
export const nullBus: Bus = {
  publish: () => undefined,
  subscribe: () => ({ close: () => undefined }),
  ensureStream: () => undefined,
  status: { connected: true, outbox: 0, problems: [] },
  close: () => Promise.resolve(),
};
