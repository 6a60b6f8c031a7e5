export type {
  Bus,
  BusLogger,
  BusMetrics,
  BusStatus,
  EventHandler,
  PublishOutcome,
  ReceiveOutcome,
  StreamOptions,
  Subscription,
} from './bus.ts';
export { type BusMetricRow, busMetricRows, busMetrics, type MetricFactory } from './bus-metrics.ts';
export { type BusOptions, connectBus, defaultOutboxCapacity } from './connect-bus.ts';
export { nullBus } from './null-bus.ts';
export { type BusTiming, defaultTiming } from './timing.ts';
