import { randomInt } from 'node:crypto';
import { accounts, operatedSecretKeys, operatedSecretName } from '@pilotfish/api';
import type { ClusterContext } from '../model/cluster-context.ts';
import type { SecretManifest } from './manifest.ts';
import { ownedMetadata } from './metadata.ts';

const passwordLength = 18;
const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const users = {
  [operatedSecretKeys.operatorUser]: accounts.operator,
  [operatedSecretKeys.replicationUser]: accounts.replication,
  [operatedSecretKeys.metricsExporterUser]: accounts.metricsExporter,
  [operatedSecretKeys.backupUser]: accounts.backup,
};

const passwordKeys = [
  operatedSecretKeys.operatorPassword,
  operatedSecretKeys.replicationPassword,
  operatedSecretKeys.metricsExporterPassword,
  operatedSecretKeys.backupPassword,
  operatedSecretKeys.agentToken,
];

/** A password for one of the operator's accounts: about 107 bits, and no character that needs quoting anywhere. */
export function randomPassword(): string {
  return Array.from({ length: passwordLength }, () => alphanumerics[randomInt(alphanumerics.length)]).join('');
}

/**
 * The Secret with the operator's own accounts. Passwords that exist are kept for ever: MySQL knows them. `existing` is the
 * Secret's `data`, base64 as the API gives it.
 */
export function operatedSecret(
  context: ClusterContext,
  existing: Readonly<Record<string, string>>,
  newPassword: () => string = randomPassword,
): SecretManifest {
  const passwords = passwordKeys.map((key) => [key, encode(decode(existing[key]) || newPassword())] as const);
  const names = Object.entries(users).map(([key, value]) => [key, encode(value)] as const);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: ownedMetadata(context, operatedSecretName(context.cluster.metadata.name)),
    type: 'Opaque',
    data: Object.fromEntries([...names, ...passwords]),
  };
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString();
}
