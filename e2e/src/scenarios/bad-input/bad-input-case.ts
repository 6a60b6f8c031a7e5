import type { Stage } from '../../harness/scenario.ts';
import type { TestCluster } from '../../harness/test-cluster.ts';

/** One kind of bad input. Throws when the product does not do what it should. */
export interface BadInput {
  readonly what: string;
  /** `cluster` serves writes all the time; nothing of it may suffer. */
  readonly run: (stage: Stage, cluster: TestCluster) => Promise<void>;
}
