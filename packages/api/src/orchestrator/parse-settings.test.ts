import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { orchestratorSettings, parseOrchestratorConfig } from './parse-settings.ts';
import type { OrchestratorSettings } from './setting.ts';

type Config = Record<string, unknown>;

const settingsOf = (config: Config): OrchestratorSettings => {
  const parsed = parseOrchestratorConfig(config);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.settings;
};

const problemsOf = (config: Config): string[] => {
  const parsed = parseOrchestratorConfig(config);
  return parsed.ok ? [] : parsed.problems.map(({ setting, message }) => `${setting} ${message}`);
};

/** What the old chart sets, without what it forces. */
const oldChart: Config = {
  Debug: false,
  DiscoverByShowSlaveHosts: false,
  UnseenInstanceForgetHours: 1,
  InstancePollSeconds: 5,
  HostnameResolveMethod: 'none',
  MySQLHostnameResolveMethod: '@@report_host',
  RemoveTextFromHostnameDisplay: ':3306',
  DetectInstanceAliasQuery: 'SELECT @@hostname',
  ProcessesShellCommand: 'sh',
  SlaveLagQuery: 'SELECT 1',
  RecoveryPeriodBlockSeconds: 300,
  RecoveryIgnoreHostnameFilters: [],
  RecoverMasterClusterFilters: ['.*'],
  RecoverIntermediateMasterClusterFilters: ['.*'],
  ApplyMySQLPromotionAfterMasterFailover: true,
  FailMasterPromotionIfSQLThreadNotUpToDate: true,
  DetachLostReplicasAfterMasterFailover: true,
  MasterFailoverLostInstancesDowntimeMinutes: 10,
};

describe('parseOrchestratorConfig', () => {
  test('reads what the old chart sets', () => {
    const parsed = parseOrchestratorConfig(oldChart);
    expect(parsed).toMatchObject({
      ok: true,
      settings: {
        recoveryBlockSeconds: 300,
        recoverPrimary: [{ expression: /.*/ }],
        recoverIntermediatePrimary: [{ expression: /.*/ }],
        ignoredHosts: [],
        whenBehind: 'hold',
      },
    });
    expect(parsed.ok ? parsed.meaningless : []).toContain('InstancePollSeconds');
  });

  test.each<[string, Config, OrchestratorSettings]>([
    ['nothing', {}, {}],
    ['a block in minutes', { RecoveryPeriodBlockMinutes: 2 }, { recoveryBlockSeconds: 120 }],
    [
      'a block in both: seconds win, in whatever order',
      { RecoveryPeriodBlockSeconds: 30, RecoveryPeriodBlockMinutes: 60 },
      { recoveryBlockSeconds: 30 },
    ],
    ['a limit of lag', { FailMasterPromotionOnLagMinutes: 10 }, { maxLagSeconds: 600 }],
    ['no limit of lag', { FailMasterPromotionOnLagMinutes: 0 }, {}],
    ['reasonable lag', { ReasonableReplicationLagSeconds: 5 }, { reasonableLagSeconds: 5 }],
    ['waiting for the applier', { DelayMasterPromotionIfSQLThreadNotUpToDate: true }, { whenBehind: 'drain' }],
    ['one zone', { PreventCrossDataCenterMasterFailover: true }, { acrossZones: false }],
    ['all regions', { PreventCrossRegionMasterFailover: false }, { acrossRegions: true }],
    [
      'clusters by alias, by expression, and all',
      { RecoverMasterClusterFilters: ['alias=db.shop', 'alias~=^db', 'shop$', '*'] },
      { recoverPrimary: [{ name: 'db.shop' }, { expression: /^db/ }, { expression: /shop$/ }, { expression: /.*/ }] },
    ],
    ['no clusters', { RecoverMasterClusterFilters: [] }, { recoverPrimary: [] }],
    ['hosts that never lead', { PromotionIgnoreHostnameFilters: ['-2\\.'] }, { neverPromoted: [/-2\./] }],
    [
      'hooks',
      {
        PostMasterFailoverProcesses: [['/hooks/tell', '{failureCluster}', '{successorHost}']],
        PostGracefulTakeoverProcesses: [['/hooks/tell']],
      },
      {
        hooks: [
          { moment: 'after-failover', command: ['/hooks/tell', '{failureCluster}', '{successorHost}'] },
          { moment: 'after-switchover', command: ['/hooks/tell'] },
        ],
      },
    ],
    ['what is refused, with a value that asks for nothing', { ConsulAddress: '', PostTakeMasterProcesses: [] }, {}],
  ])('reads %s', (_what, config, settings) => {
    expect(settingsOf(config)).toEqual(settings);
  });

  test.each<[string, Config, RegExp]>([
    ['a setting nobody knows', { RecoverEverything: true }, /^RecoverEverything is no setting of Orchestrator$/],
    [
      'a setting in other letters',
      { recoveryPeriodBlockSeconds: 3 },
      /^recoveryPeriodBlockSeconds is no setting of Orchestrator; did you mean RecoveryPeriodBlockSeconds\?$/,
    ],
    [
      'a number in words',
      { RecoveryPeriodBlockSeconds: '300' },
      /RecoveryPeriodBlockSeconds is a whole number of seconds/,
    ],
    ['a negative number', { FailMasterPromotionOnLagMinutes: -1 }, /is a number of minutes of 0 or more/],
    ['a word for a flag', { PreventCrossRegionMasterFailover: 'yes' }, /is true or false/],
    ['one expression for a list', { RecoveryIgnoreHostnameFilters: 'db' }, /is a list of regular expressions/],
    [
      'a broken expression',
      { PromotionIgnoreHostnameFilters: ['(db'] },
      /has an expression that can not be read: \(db/,
    ],
    ['a broken filter', { RecoverMasterClusterFilters: ['alias~=[a'] }, /has an expression that can not be read: \[a/],
    [
      'a line for a shell',
      { PostFailoverProcesses: ['echo {failedHost} >> /tmp/log'] },
      /a line for a shell is not run here/,
    ],
    ['a program without its path', { PostFailoverProcesses: [['tell']] }, /'tell' is no absolute path/],
    [
      'a placeholder nobody knows',
      { PostFailoverProcesses: [['/t', '{failedhost}']] },
      /\{failedhost\} is no placeholder/,
    ],
    ['a command of nothing', { PostFailoverProcesses: [[]] }, /is a list of program and arguments: this one is empty/],
    ['promotion without opening', { ApplyMySQLPromotionAfterMasterFailover: false }, /is refused: a promoted instance/],
    [
      'a key-value store',
      { ConsulAddress: 'consul:8500' },
      /is refused: the primary is not written to a key-value store/,
    ],
    [
      'two answers to one question',
      { FailMasterPromotionIfSQLThreadNotUpToDate: true, DelayMasterPromotionIfSQLThreadNotUpToDate: true },
      /exclude each other/,
    ],
  ])('refuses %s and says what is wrong', (_what, config, problem) => {
    expect(problemsOf(config).join('\n')).toMatch(problem);
  });

  test('names every problem at once', () => {
    expect(problemsOf({ A: 1, B: 2, ConsulAddress: 'x' })).toHaveLength(3);
  });

  test('never throws, whatever the values', () => {
    const inherited = fc.constantFrom('constructor', 'toString', '__proto__');
    const name = fc.oneof(fc.constantFrom(...Object.keys(orchestratorSettings)), fc.string(), inherited);
    fc.assert(
      fc.property(fc.dictionary(name, fc.anything()), (config) => {
        expect(typeof parseOrchestratorConfig(config).ok).toBe('boolean');
      }),
    );
  });
});
