import { MysqlError, MysqlSession } from '@pilotfish/mysql';
import { messageOf } from '@pilotfish/service';
import type { Credentials } from '../inventory.ts';
import { AgentClient, AgentRefusal } from './agent-client.ts';
import type { ClusterMember } from './cluster-member.ts';
import type { CredentialsTrial } from './credentials-watch.ts';

const deadlineMs = 1_500;
const unauthorized = 401;

/** Logs in with each of them on the first member that answers, and says which key of the Secret is refused and what to do. */
export async function tryCredentials(
  credentials: Credentials,
  members: readonly ClusterMember[],
): Promise<CredentialsTrial> {
  for (const member of members) {
    const outcomes = await Promise.all([
      tryAccount('OPERATOR_PASSWORD', credentials.operator, member),
      tryAccount('REPLICATION_PASSWORD', credentials.replication, member),
      tryToken(credentials.agentToken, member),
    ]);
    const refused = outcomes.find((outcome) => outcome.kind === 'refused');
    if (refused) return refused;
    if (outcomes.some((outcome) => outcome.kind === 'accepted')) return { kind: 'accepted' };
  }
  return { kind: 'unknown' };
}

async function tryAccount(
  key: string,
  { user, password }: Credentials['operator'],
  { name, host, port }: ClusterMember,
): Promise<CredentialsTrial> {
  try {
    (await MysqlSession.connect({ host, port, user, password }, { deadlineMs })).destroy();
    return { kind: 'accepted' };
  } catch (error: unknown) {
    if (MysqlError.from(error).kind !== 'AuthFailed') return { kind: 'unknown' };
    return {
      kind: 'refused',
      message: `${name} refuses ${user} with its ${key} (${messageOf(error)}); put the former value back, or give the account this password on the primary: ALTER USER`,
    };
  }
}

async function tryToken(token: string, { name, host, agentPort }: ClusterMember): Promise<CredentialsTrial> {
  if (agentPort === undefined) return { kind: 'unknown' };
  try {
    await new AgentClient({ host, port: agentPort, token }).state(deadlineMs);
    return { kind: 'accepted' };
  } catch (error: unknown) {
    if (!(error instanceof AgentRefusal) || error.status !== unauthorized) return { kind: 'unknown' };
    return {
      kind: 'refused',
      message: `the agent of ${name} refuses its AGENT_TOKEN, since agents take it when their pod starts; put the former value back, or replace the pods one by one, replicas first`,
    };
  }
}
