import { type DestinationStream, pino } from 'pino';

export type { Logger } from 'pino';
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  readonly service: string;
  readonly level?: LogLevel;
  /** Name of the pod, where there is one. */
  readonly pod?: string;
  readonly version?: string;
  /** Where the lines go; standard output unless given. */
  readonly destination?: DestinationStream;
}

const secretNames = ['password', 'authorization', 'token', 'secret', 'dsn'];
const redacted = [
  ...secretNames,
  ...secretNames.map((name) => `*.${name}`),
  ...secretNames.map((name) => `*.*.${name}`),
];

/**
 * One JSON object a line. Messages are constant texts, what varies goes into fields: `log.info({ key }, 'reconciled')`.
 * Errors go under `err`. No transports: they run in a worker thread that a bundle does not contain.
 */
export function createLogger({ service, level = 'info', pod, version, destination }: LoggerOptions) {
  return pino(
    {
      level,
      base: { service, ...(pod ? { pod } : {}), ...(version ? { version } : {}) },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redacted, censor: '[redacted]' },
    },
    // Synchronous: the last lines before a crash are the ones that matter, and volume is low.
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}
