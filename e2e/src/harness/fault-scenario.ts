import { type Fault, faultRound, faultRounds } from './fault-rounds.ts';
import type { Scenario } from './scenario.ts';
import type { ClusterSettings } from './test-cluster.ts';

/** A scenario that is one fault, some times over. */
export interface FaultStory {
  readonly name: string;
  readonly summary: string;
  readonly expectation: string;
  readonly fault: Fault;
  /** Default: 1. */
  readonly rounds?: number;
  /** Default: false, for faults that reach for processes or nodes of this machine are the rule. */
  readonly anywhere?: boolean;
  /** A cluster of its own is made for it; else it has the shared one. */
  readonly cluster?: ClusterSettings;
}

export function faultScenario({ fault, rounds = 1, anywhere = false, cluster, ...story }: FaultStory): Scenario {
  return {
    ...story,
    needsLocalCluster: !anywhere,
    run: async (stage) => {
      const count = stage.rounds(rounds);
      if (cluster === undefined) {
        await faultRounds(stage, count, fault);
        return;
      }
      const own = await stage.ownCluster(cluster);
      for (let round = 1; round <= count; round += 1) await faultRound(stage, own, fault, `round ${round} of ${count}`);
    },
  };
}
