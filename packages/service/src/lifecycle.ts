import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import { messageOf } from './error-message.ts';
import type { Health } from './health.ts';
import type { Logger } from './logger.ts';

/**
 * A part of a service with a lifetime. Components start in the order given and stop in reverse, so each may rely on
 * those before it for as long as it runs.
 */
export interface Component {
  readonly name: string;
  /**
   * Resolves once started; long work goes on behind it. `signal` is aborted when it is this component's turn to stop.
   * `fail` ends the process (exit code 1) after an orderly stop: for what a component cannot recover from itself.
   */
  start(signal: AbortSignal, fail: (reason: Error) => void): void | Promise<void>;
  /** Resolves once nothing of it runs any more. `deadline` is aborted when the time for it is over; stop waiting then. */
  stop?(deadline: AbortSignal): void | Promise<void>;
  /** Milliseconds `stop` may take before it is given up; 5,000 unless given. */
  readonly stopTimeoutMs?: number;
}

export interface ServiceOptions {
  readonly name: string;
  readonly logger: Logger;
  readonly health: Health;
  readonly components: readonly Component[];
  /** Between /readyz turning red and the first component stopping, in milliseconds, so that callers go elsewhere. */
  readonly preStopDelayMs?: number;
  readonly clock?: Clock;
  readonly process?: ServiceProcess;
}

/** What the lifecycle needs of `process`; tests give their own. */
export interface ServiceProcess {
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
  exit(code: number): void;
}

type State = 'starting' | 'running' | 'stopping';
interface Started {
  readonly component: Component;
  readonly controller: AbortController;
}

const defaultStopTimeoutMs = 5_000;

/**
 * Runs a service until it is told to end or something is fatal; then readiness turns red first, the components
 * stop in reverse, and the process exits. Resolves with the exit code (0 on SIGTERM or SIGINT, 1 on a failure) for tests.
 * A second signal exits at once. An unhandled rejection or exception is fatal.
 */
export async function runService(options: ServiceOptions): Promise<number> {
  const {
    name,
    logger,
    health,
    components,
    preStopDelayMs = 0,
    clock = systemClock,
    process: proc = process,
  } = options;
  let state: State = 'starting';
  health.addReadiness('lifecycle', () => (state === 'running' ? undefined : state));
  let exitCode = 0;
  const ending = deferred<string>();
  const end = (code: number, cause: string): void => {
    state = 'stopping';
    exitCode = Math.max(exitCode, code);
    ending.resolve(cause);
  };
  const fail = (cause: string) => (reason: unknown) => {
    logger.fatal({ err: reason, cause }, 'service failed');
    end(1, cause);
  };
  const removeHandlers = handleProcess(proc, {
    signal: (signal) => {
      if (state !== 'stopping') {
        logger.info({ signal }, 'asked to stop');
        end(0, signal);
        return;
      }
      logger.warn({ signal }, 'second signal, exiting at once');
      logger.flush();
      proc.exit(1);
    },
    fatal: fail('unhandled error'),
  });

  const started: Started[] = [];
  for (const component of components) {
    if (isStopping()) break;
    const controller = new AbortController();
    started.push({ component, controller });
    const failed = fail(`component ${component.name}`);
    const begun = Promise.resolve()
      .then(() => component.start(controller.signal, failed))
      .catch((error: unknown) => {
        // A start that its own abort ended is no failure.
        if (!isStopping()) failed(error);
      });
    await Promise.race([begun, ending.promise]);
  }
  if (!isStopping()) {
    state = 'running';
    logger.info({ components: components.map((c) => c.name) }, `${name} runs`);
  }

  const cause = await ending.promise;
  if (started.length === components.length && preStopDelayMs > 0) await clock.sleep(preStopDelayMs);
  for (const one of started.reverse()) await stopComponent(one, logger);
  logger.info({ exitCode, cause }, `${name} ended`);
  logger.flush();
  removeHandlers();
  proc.exit(exitCode);
  return exitCode;

  function isStopping(): boolean {
    return state === 'stopping';
  }
}

/**
 * A component for a loop: runs from start to the signal's abort. When it ends before that, by an error or without, the service
 * ends too: it would look alive and do nothing.
 */
export function backgroundTask(name: string, run: (signal: AbortSignal) => Promise<void>): Component {
  let running: Promise<void> = Promise.resolve();
  return {
    name,
    start: (signal, fail) => {
      running = run(signal).then(
        () => {
          if (!signal.aborted) fail(new Error(`${name} ended by itself`));
        },
        (error: unknown) => {
          if (!signal.aborted) fail(new Error(messageOf(error), { cause: error }));
        },
      );
    },
    stop: () => running,
  };
}

async function stopComponent({ component, controller }: Started, logger: Logger): Promise<void> {
  const timeoutMs = component.stopTimeoutMs ?? defaultStopTimeoutMs;
  const deadline = new AbortController();
  const late = deferred<'late'>();
  const timer = setTimeout(() => {
    deadline.abort(new Error(`component ${component.name} did not stop within ${timeoutMs} ms`));
    late.resolve('late');
  }, timeoutMs);
  try {
    controller.abort(new Error(`component ${component.name} is stopping`));
    const outcome = await Promise.race([Promise.resolve(component.stop?.(deadline.signal)), late.promise]);
    if (outcome === 'late') logger.error({ component: component.name, timeoutMs }, 'component did not stop in time');
  } catch (error: unknown) {
    logger.error({ err: error, component: component.name }, 'component failed to stop');
  } finally {
    clearTimeout(timer);
  }
}

function handleProcess(
  proc: ServiceProcess,
  on: { signal: (name: string) => void; fatal: (reason: unknown) => void },
): () => void {
  const handlers = [
    ['SIGTERM', () => on.signal('SIGTERM')],
    ['SIGINT', () => on.signal('SIGINT')],
    ['unhandledRejection', on.fatal],
    ['uncaughtException', on.fatal],
  ] as const;
  for (const [event, handler] of handlers) proc.on(event, handler);
  return () => {
    for (const [event, handler] of handlers) proc.off(event, handler);
  };
}

function deferred<T>(): { readonly promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: (value) => resolve(value) };
}
