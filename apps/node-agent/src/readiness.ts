import type { LocalMysql } from './local-mysql.ts';

const maxAgeMs = 1000;

/** Whether this instance serves: mysqld lets us in and has data. No operator is needed for that. */
export class Readiness {
  readonly #local: Pick<LocalMysql, 'look'>;
  readonly #provisioner: { whyNotReady(): Promise<string | undefined> };

  constructor(local: Pick<LocalMysql, 'look'>, provisioner: { whyNotReady(): Promise<string | undefined> }) {
    this.#local = local;
    this.#provisioner = provisioner;
  }

  /** Undefined when it serves, otherwise why not. At most a second old. */
  async problem(): Promise<string | undefined> {
    const view = await this.#local.look(maxAgeMs);
    if (view.kind !== 'answering') return `mysqld is ${view.kind}: ${view.reason}`;
    return await this.#provisioner.whyNotReady();
  }
}
