import type { Environment } from './environment.ts';
import type { Findings } from './findings.ts';
import type { ClusterSettings, TestCluster } from './test-cluster.ts';

/** One story that is told to a real cluster. It passes when `run` returns and nothing was complained of. */
export interface Scenario {
  readonly name: string;
  /** One line for --list. */
  readonly summary: string;
  /** What must come of its fault; scenarios that have one make up the matrix. */
  readonly expectation?: string;
  /** True when it breaks processes or nodes of this machine, which only the local cluster allows. */
  readonly needsLocalCluster: boolean;
  readonly run: (stage: Stage) => Promise<void>;
}

/** What a scenario works with. */
export interface Stage {
  readonly env: Environment;
  readonly findings: Findings;
  /** Namespace of the scenario alone; made by `ownCluster`, or by the scenario itself. */
  readonly namespace: string;
  /** How often a fault is repeated: what was asked for on the command line, else the scenario's own number. */
  readonly rounds: (usual: number) => number;
  readonly log: (message: string) => void;
  /** A three-instance cluster that is healthy, shared by all scenarios that leave it healthy. */
  readonly sharedCluster: () => Promise<TestCluster>;
  /** A cluster of this scenario alone, in its own namespace, fully redundant. */
  readonly ownCluster: (settings: ClusterSettings) => Promise<TestCluster>;
  /** What would be wanted for looking into a failure: written into the folder of its diagnosis if there is one. */
  readonly exhibit: (file: string, text: () => string) => void;
  /** Runs after the scenario, whatever its outcome, last one first. */
  readonly afterwards: (what: string, action: () => Promise<void>) => void;
}
