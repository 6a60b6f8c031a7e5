export { Backoff, type BackoffOptions, fullJitterMs } from './backoff.ts';
export { type Clock, systemClock } from './clock.ts';
export {
  ConfigError,
  type Environment,
  type LoadConfigHost,
  loadConfig,
  maskSecrets,
  parseConfig,
} from './config.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { messageOf } from './error-message.ts';
export { EventLoopWatch, type EventLoopWatchOptions } from './event-loop-watch.ts';
export { Health, type HealthCheck, type HealthReport } from './health.ts';
export { kubeMetrics } from './kube-metrics.ts';
export { Lasting } from './lasting.ts';
export { backgroundTask, type Component, runService, type ServiceOptions, type ServiceProcess } from './lifecycle.ts';
export { createLogger, type Logger, type LoggerOptions, type LogLevel, logLevels } from './logger.ts';
export { type MetricRow, metricOptions } from './metric-row.ts';
export { type Counter, type Gauge, type Histogram, Metrics } from './metrics.ts';
export { type OpsServer, type OpsServerOptions, opsHandler, opsServerComponent, startOpsServer } from './ops-server.ts';
export { duration, flag, integer, json, port, secret, serviceVariables } from './variables.ts';
export { type ConfigSchema, describeVariables, listVariables, type VariableDescription } from './variables-table.ts';
