import { z } from 'zod';

/** When a hook runs. */
export const hookMoments = [
  'failure-detected',
  'before-failover',
  'before-switchover',
  'after-failover',
  'after-switchover',
  'after-failed',
] as const;

export type HookMoment = (typeof hookMoments)[number];

/** Orchestrator's names of what stands in braces in the arguments of a hook. */
export const hookPlaceholders = [
  'failureType',
  'instanceType',
  'isMaster',
  'isCoMaster',
  'failureDescription',
  'command',
  'failedHost',
  'failedPort',
  'failureCluster',
  'failureClusterAlias',
  'failureClusterDomain',
  'countReplicas',
  'countSlaves',
  'isDowntimed',
  'autoMasterRecovery',
  'autoIntermediateMasterRecovery',
  'orchestratorHost',
  'recoveryUID',
  'isSuccessful',
  'lostReplicas',
  'lostSlaves',
  'countLostReplicas',
  'replicaHosts',
  'slaveHosts',
  'successorHost',
  'successorPort',
  'successorAlias',
  'successorBinlogCoordinates',
] as const;

export type HookPlaceholder = (typeof hookPlaceholders)[number];

const known: readonly string[] = hookPlaceholders;
const placeholder = /\{([A-Za-z]+)\}/g;

/** Program and arguments of a hook, run without a shell. */
export const hookCommand = z
  .array(z.string().max(4_096), {
    error: 'is a list of program and arguments: a line for a shell is not run here',
  })
  .min(1, { error: 'is a list of program and arguments: this one is empty' })
  .max(64)
  .superRefine(([program = '', ...rest], context) => {
    if (!program.startsWith('/')) context.addIssue({ code: 'custom', message: `'${program}' is no absolute path` });
    const unknown = rest
      .flatMap((text) => [...text.matchAll(placeholder)].map(([, name = '']) => name))
      .filter((name) => !known.includes(name));
    for (const name of unknown) context.addIssue({ code: 'custom', message: `{${name}} is no placeholder` });
  });

/** An argument with its placeholders replaced. */
export const withPlaceholders = (text: string, values: Readonly<Record<HookPlaceholder, string>>): string =>
  text.replaceAll(placeholder, (whole, name: string) => (isPlaceholder(name) ? values[name] : whole));

const isPlaceholder = (name: string): name is HookPlaceholder => known.includes(name);
