import { faultRounds } from '../harness/fault-rounds.ts';
import { continueProcess, signalMysqld } from '../harness/mysqld-process.ts';
import type { Scenario } from '../harness/scenario.ts';

export const primarySigstop: Scenario = {
  name: 'primary-sigstop',
  summary: 'mysqld of the primary hangs (SIGSTOP), and goes on after the failover',
  needsLocalCluster: true,
  run: async (stage) => {
    let stopped = 0;
    await faultRounds(stage, stage.rounds(3), {
      inject: (_, { metadata }) => {
        stopped = signalMysqld(metadata.uid, 'SIGSTOP');
      },
      heal: () => {
        const isThere = continueProcess(stopped);
        stage.log(isThere ? 'the stopped mysqld goes on' : 'the stopped mysqld was killed meanwhile');
      },
      watchMs: 15_000,
    });
  },
};
