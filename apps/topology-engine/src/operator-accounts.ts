import { accounts } from '@pilotfish/api';

/** MySQL accounts whose sessions survive when clients are sent away. */
export const operatorAccounts: readonly string[] = [accounts.operator, accounts.replication, accounts.metricsExporter];
