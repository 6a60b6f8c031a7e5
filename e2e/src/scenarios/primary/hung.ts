import { faultScenario } from '../../harness/fault-scenario.ts';
import { hangMysqld } from '../../harness/mysqld-process.ts';
import { observeFor } from '../../harness/observe.ts';
import { writesAgain } from '../../harness/take-over.ts';

export const primarySigstop = faultScenario({
  name: 'primary-sigstop',
  summary: 'mysqld of the primary hangs (SIGSTOP), and goes on after the failover',
  expectation: 'failover; the old primary comes back closed',
  rounds: 3,
  fault: { inject: ({ primary }) => hangMysqld(primary), watchMs: 15_000 },
});

export const primaryHungFor3s = faultScenario({
  name: 'primary-hung-3s',
  summary: 'mysqld of the primary hangs for 3 s, about as long as it takes to replace it',
  expectation: 'failover, or none if it was back in time',
  fault: {
    ending: 'either',
    inject: async ({ primary }) => {
      const goOn = hangMysqld(primary);
      await observeFor(3_000);
      goOn();
    },
    shows: writesAgain,
    watchMs: 15_000,
  },
});

export const primaryHungFor45s = faultScenario({
  name: 'primary-hung-45s',
  summary: 'mysqld of the primary hangs for 45 s, long after everybody gave up on it',
  expectation: 'failover; the old primary comes back closed',
  fault: { inject: ({ primary }) => hangMysqld(primary), watchBeforeHealMs: 42_000, watchMs: 15_000 },
});
