import type { Clock, Logger } from '@pilotfish/service';
import { createSystemAccounts, type SystemAccounts } from './accounts.ts';
import { bootstrapData, type InitialData } from './bootstrap.ts';
import { type CloneRequest, runClone } from './clone.ts';
import { cloneOutcome } from './clone-outcome.ts';
import type { DataMarkers } from './data-markers.ts';
import type { ErrantStore } from './errant-store.ts';
import type { LocalMysql } from './local-mysql.ts';
import type { AgentMetrics } from './metrics.ts';
import type { MysqldProcess } from './mysqld-process.ts';
import { decideProvisioning, type ProvisioningState } from './provisioning.ts';
import { messageOf, Refusal } from './refusal.ts';

export interface ProvisionerDependencies {
  readonly accounts: SystemAccounts;
  readonly initialData: InitialData;
  readonly local: LocalMysql;
  readonly mysqld: MysqldProcess;
  readonly markers: DataMarkers;
  readonly errant: ErrantStore;
  readonly metrics: AgentMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
}

const idleMs = 1000;
/** While something is being made, so that a new instance is there soon. */
const busyMs = 100;

/** Brings data to this instance, one job at a time, and knows how far that is. */
export class Provisioner {
  readonly #deps: ProvisionerDependencies;
  #state: ProvisioningState = { phase: 'initializing' };
  #accountsFailure: string | undefined;
  /** Kept until the next job: why the last clone failed while the old data stayed whole. */
  #cloneFailure: string | undefined;
  #job: Promise<void> | undefined;
  readonly #stopping = new AbortController();

  constructor(dependencies: ProvisionerDependencies) {
    this.#deps = dependencies;
  }

  get state(): ProvisioningState {
    return this.#state;
  }

  /** Looks after blank instances and unwatched clones until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#stopping.abort(signal.reason), { once: true });
    while (!signal.aborted) {
      if (this.#job === undefined) await this.#step();
      const settled = this.#job !== undefined || this.#state.phase !== 'initializing';
      await this.#deps.clock.sleep(settled ? idleMs : busyMs, signal).catch(() => undefined);
    }
    await this.#job;
  }

  /** Undefined when the instance has data to serve; otherwise why not. */
  async whyNotReady(): Promise<string | undefined> {
    const { blank, cloning } = await this.#deps.markers.read();
    if (blank || cloning !== undefined) return `no data yet: ${this.#state.detail ?? this.#state.phase}`;
    return this.#state.phase === 'cloning' ? 'data is being replaced' : undefined;
  }

  /** Makes this blank instance the beginning of a cluster; nothing to do when it has data. @throws Refusal, MysqlError */
  async bootstrap(): Promise<'done' | 'has-data'> {
    this.#refuseWhenBusy();
    const { local, markers, initialData, logger } = this.#deps;
    const facts = await markers.read();
    if (facts.cloning !== undefined) throw new Refusal(409, 'a clone has not ended');
    if (!facts.blank) return 'has-data';
    if (initialData.rootPassword === '') {
      throw new Refusal(422, 'MYSQL_ROOT_PASSWORD is not set: give the key ROOT_PASSWORD in the Secret of the cluster');
    }
    const view = await local.look();
    if (view.kind !== 'answering') throw new Refusal(503, `mysqld is ${view.kind}: ${view.reason}`);
    this.#refuseWhenBusy();
    await this.#exclusively(async () => {
      await local.withSession((session) => bootstrapData(session, initialData));
      await markers.removeBlank();
    });
    this.#state = { phase: 'ready' };
    logger.info('bootstrapped');
    return 'done';
  }

  /** Begins a clone; resolves once it is accepted. @throws Refusal */
  async clone(request: CloneRequest): Promise<void> {
    const { local, metrics, logger } = this.#deps;
    this.#refuseWhenBusy();
    const view = await local.look();
    this.#refuseWhenBusy();
    if (view.kind !== 'answering') throw new Refusal(503, `mysqld is ${view.kind}: ${view.reason}`);
    if (!view.readOnly) throw new Refusal(409, 'this instance is writable');
    const startedAt = this.#deps.clock.wall().toISOString();
    const donor = `${request.donorHost}:${request.donorPort}`;
    const report = (phase: 'cloning' | 'saving-errant', detail: string): void => {
      this.#state = { phase, detail, startedAt, donor };
    };
    report(request.saveErrant === undefined ? 'cloning' : 'saving-errant', 'begins');
    logger.info({ donor, reason: request.reason }, 'clone begins');
    const beganMs = this.#deps.clock.nowMs();
    void this.#exclusively(async () => {
      this.#cloneFailure = undefined;
      try {
        await runClone(this.#deps, request, report, this.#stopping.signal);
        this.#state = { phase: 'ready' };
        metrics.clones.inc({ outcome: 'completed' });
        logger.info({ donor, durationMs: Math.round(this.#deps.clock.nowMs() - beganMs) }, 'clone completed');
      } catch (error: unknown) {
        this.#cloneFailure = messageOf(error);
        this.#state = { phase: 'failed', detail: this.#cloneFailure, startedAt, donor };
        metrics.clones.inc({ outcome: 'failed' });
        logger.error({ donor, detail: this.#cloneFailure }, 'clone failed');
      }
    });
  }

  #refuseWhenBusy(): void {
    if (this.#job !== undefined) throw new Refusal(409, `busy: ${this.#state.phase}`);
  }

  async #exclusively(work: () => Promise<void>): Promise<void> {
    const job = work();
    this.#job = job.catch(() => undefined);
    try {
      await job;
    } finally {
      this.#job = undefined;
    }
  }

  async #step(): Promise<void> {
    try {
      const { local, mysqld, markers } = this.#deps;
      const [view, facts, startFailure] = await Promise.all([
        local.look(idleMs / 2),
        markers.read(),
        mysqld.startFailure(),
      ]);
      if (this.#job !== undefined) return;
      const known = { ...facts, mysqld: view.kind, startFailure, accountsFailure: this.#accountsFailure };
      const { state, work } = decideProvisioning(known);
      if (work === 'conclude-clone') {
        await this.#concludeClone(state);
        return;
      }
      this.#state = this.#withCloneFailure(state);
      if (work === 'create-accounts') await this.#createAccounts();
    } catch (error: unknown) {
      this.#state = { phase: 'failed', detail: messageOf(error) };
    }
  }

  /** A clone that failed stays to be seen until the next one, also where the instance could go on as before. */
  #withCloneFailure(state: ProvisioningState): ProvisioningState {
    if (this.#cloneFailure === undefined) return state;
    return { ...state, phase: 'failed', detail: this.#cloneFailure };
  }

  async #createAccounts(): Promise<void> {
    const { local, accounts, logger } = this.#deps;
    try {
      const root = { ...local.operator, user: 'root', password: '' };
      await local.withSession((session) => createSystemAccounts(session, accounts), root);
      local.forget();
      this.#accountsFailure = undefined;
      logger.info('system accounts made');
    } catch (error: unknown) {
      if (this.#accountsFailure === undefined) logger.error({ detail: messageOf(error) }, 'system accounts failed');
      this.#accountsFailure = `the system accounts could not be made: ${messageOf(error)}`;
    }
  }

  /** After a restart of the agent in the middle of a clone. */
  async #concludeClone(known: ProvisioningState): Promise<void> {
    const { local, markers, logger } = this.#deps;
    const outcome = await cloneOutcome(local);
    switch (outcome.kind) {
      case 'running':
        this.#state = { ...known, phase: 'cloning', detail: 'goes on, begun by an earlier run of the agent' };
        return;
      case 'completed':
        await markers.removeBlank();
        await markers.removeCloning();
        this.#cloneFailure = undefined;
        logger.info('clone of an earlier run completed');
        return;
      case 'never-begun':
        // It never came to the CLONE statement: all is as before.
        await markers.removeCloning();
        return;
      case 'failed':
        this.#state = { ...known, phase: 'failed', detail: this.#cloneFailure ?? outcome.detail };
        return;
      default:
        outcome satisfies never;
    }
  }
}
