import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Arguments } from './arguments.ts';
import { decisionsSince } from './harness/decisions.ts';
import { collectDiagnosis } from './harness/diagnosis.ts';
import type { Environment } from './harness/environment.ts';
import { Findings, type ScenarioResult } from './harness/findings.ts';
import type { Scenario, Stage } from './harness/scenario.ts';
import { OperatorServices } from './harness/services.ts';
import { type ClusterSettings, removeNamespace, TestCluster } from './harness/test-cluster.ts';
import { messageOf } from './harness/wait-for.ts';

const SHARED_NAMESPACE = 'e2e-shared';
const CREATION_TIMEOUT_MS = 300_000;

/** What a scenario leaves behind it while it runs. */
interface Backstage {
  readonly clearUp: { what: string; action: () => Promise<void> }[];
  readonly exhibits: Map<string, () => string>;
}

/** Runs scenarios one after the other: gives each its stage, clears up behind it, and collects a diagnosis when it fails. */
export class StageManager {
  readonly #env: Environment;
  readonly #arguments: Arguments;
  readonly #print: (line: string) => void;
  #shared: TestCluster | undefined;
  readonly diagnoses: { scenario: string; folder: string }[] = [];

  constructor(env: Environment, args: Arguments, print: (line: string) => void) {
    this.#env = env;
    this.#arguments = args;
    this.#print = print;
  }

  async run(scenario: Scenario): Promise<ScenarioResult> {
    const findings = new Findings();
    if (scenario.needsLocalCluster && !this.#env.local) {
      return findings.result(scenario.name, 'needs the local cluster of "npm run up", whose nodes it breaks');
    }
    const [started, since] = [performance.now(), new Date()];
    const log = (message: string): void => {
      this.#print(`[${scenario.name} ${((performance.now() - started) / 1000).toFixed(1)} s] ${message}`);
    };
    const backstage: Backstage = { clearUp: [], exhibits: new Map() };
    const stage = this.#stage(scenario, findings, log, backstage);
    let failure: string | undefined;
    try {
      await scenario.run(stage);
    } catch (error) {
      failure = messageOf(error);
      log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    const result = findings.result(scenario.name, failure);
    await this.#keepJournal(scenario.name, since, log);
    if (!result.ok) await this.#diagnose(result, stage.namespace, backstage, log);
    await this.#clear(backstage, log);
    if (!result.ok) await this.#dropShared();
    return result;
  }

  /** Removes what the scenarios shared. */
  async close(): Promise<void> {
    await this.#dropShared();
  }

  #stage(scenario: Scenario, findings: Findings, log: Stage['log'], { clearUp, exhibits }: Backstage): Stage {
    const namespace = `e2e-${scenario.name}`;
    const afterwards: Stage['afterwards'] = (what, action) => clearUp.push({ what, action });
    if (!this.#arguments.keep) afterwards(`remove namespace ${namespace}`, () => removeNamespace(this.#env, namespace));
    const ownCluster = (settings: ClusterSettings): Promise<TestCluster> =>
      this.#create(namespace, 'test', settings, log);
    return {
      env: this.#env,
      findings,
      namespace,
      rounds: (usual) => this.#arguments.rounds ?? usual,
      log,
      sharedCluster: async () => {
        const settings = { replicas: 3, oneToANode: this.#env.local };
        if (this.#arguments.fresh) return await ownCluster(settings);
        this.#shared ??= await this.#create(SHARED_NAMESPACE, 'shared', settings, log);
        await this.#shared.waitFullyRedundant();
        return this.#shared;
      },
      ownCluster,
      exhibit: (file, text) => exhibits.set(file, text),
      afterwards,
    };
  }

  async #create(namespace: string, name: string, settings: ClusterSettings, log: Stage['log']): Promise<TestCluster> {
    const started = performance.now();
    const cluster = await TestCluster.create(this.#env, namespace, name, settings);
    await cluster.waitFullyRedundant(CREATION_TIMEOUT_MS);
    log(
      `cluster ${namespace}/${name} with ${settings.replicas} instances is there after ${((performance.now() - started) / 1000).toFixed(1)} s`,
    );
    return cluster;
  }

  async #keepJournal(scenario: string, since: Date, log: Stage['log']): Promise<void> {
    const folder = this.#arguments.journals;
    if (folder === undefined) return;
    try {
      const decisions = await decisionsSince(this.#env, since);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${scenario}.jsonl`), decisions.map((entry) => `${entry}\n`).join(''));
    } catch (error) {
      log(`no journal was kept: ${messageOf(error)}`);
    }
  }

  async #diagnose(
    { scenario, error }: ScenarioResult,
    namespace: string,
    { exhibits }: Backstage,
    log: Stage['log'],
  ): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), `pilotfish-e2e-${scenario}-`));
    const namespaces = [namespace, SHARED_NAMESPACE];
    try {
      namespaces.push((await OperatorServices.find(this.#env.kube)).namespace);
    } catch (error) {
      log(`the operator's services were not found: ${messageOf(error)}`);
    }
    await collectDiagnosis(this.#env, namespaces, folder);
    for (const [file, text] of [...exhibits, ['error.txt', () => `${error}\n`] as const])
      writeFileSync(join(folder, file), text());
    this.diagnoses.push({ scenario, folder });
    log(`diagnosis: ${folder}`);
  }

  async #clear({ clearUp }: Backstage, log: Stage['log']): Promise<void> {
    for (const { what, action } of clearUp.reverse()) {
      try {
        await action();
      } catch (error) {
        log(`could not ${what}: ${messageOf(error)}`);
      }
    }
  }

  /** A scenario that failed may have left it broken: the next one gets a new cluster. */
  async #dropShared(): Promise<void> {
    if (this.#shared === undefined || this.#arguments.keep) return;
    this.#shared = undefined;
    await removeNamespace(this.#env, SHARED_NAMESPACE).catch((error: unknown) => {
      this.#print(`could not remove ${SHARED_NAMESPACE}: ${String(error)}`);
    });
  }
}
