import { z } from 'zod';
import { type HookMoment, hookCommand } from './hook-command.ts';
import type { ClusterFilter, Fate, OrchestratorSettings } from './setting.ts';

const honoured = <T>(effect: string, schema: z.ZodType<T>, becomes: (value: T) => OrchestratorSettings): Fate => ({
  fate: 'honoured',
  effect,
  schema: schema.transform(becomes),
});

const whole = (unit: string) =>
  z.int({ error: `is a whole number of ${unit}` }).min(0, { error: `is a number of ${unit} of 0 or more` });
const flag = z.boolean({ error: 'is true or false' });

const expression = z.string({ error: 'is a list of regular expressions' }).transform((text, context) => {
  try {
    return new RegExp(text);
  } catch {
    context.addIssue({ code: 'custom', message: `has an expression that can not be read: ${text}` });
    return z.NEVER;
  }
});
const expressions = z.array(expression, { error: 'is a list of regular expressions' });

/** As Orchestrator reads it: a name or `alias=` for equality, `alias~=` or anything else as an expression, `*` for all. */
const clusterFilter = z
  .string({ error: 'is a list of cluster names and expressions' })
  .transform((text, context): ClusterFilter => {
    if (text.startsWith('alias=')) return { name: text.slice('alias='.length) };
    const source = text === '*' ? '.*' : text.replace(/^alias~=/, '');
    const parsed = expression.safeParse(source);
    if (parsed.success) return { expression: parsed.data };
    context.addIssue({ code: 'custom', message: `has an expression that can not be read: ${source}` });
    return z.NEVER;
  });
const clusterFilters = z.array(clusterFilter, { error: 'is a list of cluster names and expressions' });

const commands = z.array(hookCommand, { error: 'is a list of commands, each a list of program and arguments' });

const hook = (when: string, moment: HookMoment): Fate =>
  honoured(
    `Run ${when}. Each command is a list of program and arguments, without a shell; see [hooks](../concepts/hooks.md).`,
    commands,
    (lists) => ({ hooks: lists.map((command) => ({ moment, command })) }),
  );

const minute = 60;

/** Honoured for every cluster whose own spec says nothing else. */
export const honouredSettings: Readonly<Record<string, Fate>> = {
  RecoveryPeriodBlockSeconds: honoured(
    '`recoveryBlockSeconds`: the same instance is not failed over from twice within it. Another instance that fails is not held up.',
    whole('seconds'),
    (recoveryBlockSeconds) => ({ recoveryBlockSeconds }),
  ),
  RecoveryPeriodBlockMinutes: honoured('As `RecoveryPeriodBlockSeconds`, which wins.', whole('minutes'), (minutes) => ({
    recoveryBlockSeconds: minutes * minute,
  })),
  RecoveryIgnoreHostnameFilters: honoured(
    'Instances whose host name matches are in downtime without an end: while such a one is primary nothing takes its place.',
    expressions,
    (ignoredHosts) => ({ ignoredHosts }),
  ),
  RecoverMasterClusterFilters: honoured(
    '`recoverPrimary`: true for clusters that match (`<cluster>.<namespace>`), false for all others.',
    clusterFilters,
    (recoverPrimary) => ({ recoverPrimary }),
  ),
  RecoverIntermediateMasterClusterFilters: honoured(
    '`recoverIntermediatePrimary`: true for clusters that match, false for all others.',
    clusterFilters,
    (recoverIntermediatePrimary) => ({ recoverIntermediatePrimary }),
  ),
  PromotionIgnoreHostnameFilters: honoured(
    'Instances whose host name matches have the promotion rule `mustNot`. What such a one alone holds is passed on first, not lost.',
    expressions,
    (neverPromoted) => ({ neverPromoted }),
  ),
  FailMasterPromotionIfSQLThreadNotUpToDate: honoured(
    'True: `whenBehind: hold`. Checked before anything is changed.',
    flag,
    (hold) => (hold ? { whenBehind: 'hold' } : {}),
  ),
  DelayMasterPromotionIfSQLThreadNotUpToDate: honoured(
    'True: `whenBehind: drain`, which is the default: what was received is always applied before the new primary opens.',
    flag,
    (drain) => (drain ? { whenBehind: 'drain' } : {}),
  ),
  FailMasterPromotionOnLagMinutes: honoured(
    '`maxLagSeconds`, when above 0. Checked before anything is changed.',
    whole('minutes'),
    (minutes) => (minutes > 0 ? { maxLagSeconds: minutes * minute } : {}),
  ),
  ReasonableReplicationLagSeconds: honoured(
    'A candidate further behind is taken only when there is no other. (For reads it is `maxSlaveLatency` of each cluster.)',
    whole('seconds'),
    (reasonableLagSeconds) => ({ reasonableLagSeconds }),
  ),
  PreventCrossDataCenterMasterFailover: honoured(
    '`acrossZones: false`. The zone is the label `topology.kubernetes.io/zone` of the node.',
    flag,
    (prevent) => ({ acrossZones: !prevent }),
  ),
  PreventCrossRegionMasterFailover: honoured(
    '`acrossRegions: false`. The region is the label `topology.kubernetes.io/region` of the node.',
    flag,
    (prevent) => ({ acrossRegions: !prevent }),
  ),
  OnFailureDetectionProcesses: hook(
    'when a primary is found dead, whether or not a failover follows',
    'failure-detected',
  ),
  PreFailoverProcesses: hook('before a failover changes anything', 'before-failover'),
  PreGracefulTakeoverProcesses: hook('before a switchover changes anything', 'before-switchover'),
  PostMasterFailoverProcesses: hook('after a failover', 'after-failover'),
  PostFailoverProcesses: hook('after a failover', 'after-failover'),
  PostUnsuccessfulFailoverProcesses: hook('after a failover that was taken back', 'after-failed'),
  PostGracefulTakeoverProcesses: hook('after a switchover', 'after-switchover'),
};
