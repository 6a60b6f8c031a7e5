import { messageOf } from './error-message.ts';

/** Undefined when all is well, otherwise why not, for a person to read. Must answer fast: it runs on each probe. */
export type HealthCheck = () => string | undefined | Promise<string | undefined>;

export interface HealthReport {
  readonly ok: boolean;
  /** Reason by name of the check; null where the check is fine. */
  readonly checks: Readonly<Record<string, string | null>>;
}

/** Named checks behind /readyz (may I be given work?) and /healthz (would a restart help?). */
export class Health {
  readonly #ready = new Map<string, HealthCheck>();
  readonly #live = new Map<string, HealthCheck>();

  /** Throws when the name is taken. */
  addReadiness(name: string, check: HealthCheck): void {
    add(this.#ready, name, check);
  }

  /** Only for states that a restart mends: a red liveness check kills the container. */
  addLiveness(name: string, check: HealthCheck): void {
    add(this.#live, name, check);
  }

  readiness(): Promise<HealthReport> {
    return report(this.#ready);
  }

  liveness(): Promise<HealthReport> {
    return report(this.#live);
  }
}

function add(checks: Map<string, HealthCheck>, name: string, check: HealthCheck): void {
  if (checks.has(name)) throw new Error(`health check ${name} exists already`);
  checks.set(name, check);
}

async function report(checks: ReadonlyMap<string, HealthCheck>): Promise<HealthReport> {
  const entries = await Promise.all([...checks].map(async ([name, check]) => [name, await reasonOf(check)] as const));
  return { ok: entries.every(([, reason]) => reason === null), checks: Object.fromEntries(entries) };
}

async function reasonOf(check: HealthCheck): Promise<string | null> {
  try {
    return (await check()) ?? null;
  } catch (error) {
    return `check failed: ${messageOf(error)}`;
  }
}
