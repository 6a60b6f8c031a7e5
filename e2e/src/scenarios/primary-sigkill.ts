import { faultRounds } from '../harness/fault-rounds.ts';
import { signalMysqld } from '../harness/mysqld-process.ts';
import type { Scenario } from '../harness/scenario.ts';

export const primarySigkill: Scenario = {
  name: 'primary-sigkill',
  summary: 'mysqld of the primary is killed with SIGKILL',
  needsLocalCluster: true,
  run: (stage) =>
    faultRounds(stage, stage.rounds(5), {
      inject: (_, { metadata }) => {
        signalMysqld(metadata.uid, 'SIGKILL');
      },
    }),
};
