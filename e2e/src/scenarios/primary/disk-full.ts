import { waitForComplaint } from '../../harness/cluster-complaints.ts';
import { faultScenario } from '../../harness/fault-scenario.ts';
import { fillVolume, smallVolumes } from '../../harness/volumes.ts';

const TOLD_WITHIN_MS = 60_000;

export const primaryDiskFull = faultScenario({
  name: 'primary-disk-full',
  summary: 'the volume of the primary is full, and has room again when the cluster has said so',
  expectation: 'told; writes go on when there is room',
  cluster: { replicas: 3, spec: smallVolumes },
  fault: {
    // A server that can't write its binary log may end by itself, and then its place is taken.
    ending: 'either',
    inject: ({ primary }) => fillVolume(primary),
    shows: async ({ stage, cluster }) => {
      const { condition, event } = await waitForComplaint(
        stage.env,
        cluster,
        /VolumeFull|volume of \S+ is full/,
        TOLD_WITHIN_MS,
      );
      stage.log(`${condition} | ${event}`);
    },
    watchMs: 5_000,
  },
});
