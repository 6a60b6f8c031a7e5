import { connect, type NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import type { Environment } from './environment.ts';
import { resources } from './kube-api.ts';
import type { OperatorServices } from './services.ts';
import { expectThat } from './wait-for.ts';

/** Connects to the release's NATS as one of its users, with the password from the user's Secret, as any program outside the project would. */
export async function connectNats(env: Environment, services: OperatorServices, user: string): Promise<NatsConnection> {
  const secret = await env.kube.get(resources.secrets, services.namespace, `pilotfish-nats-${user}`);
  expectThat(secret !== undefined, `no Secret pilotfish-nats-${user} in ${services.namespace}`);
  const { data } = z.object({ data: z.object({ password: z.string() }) }).parse(secret);
  const pass = Buffer.from(data.password, 'base64').toString('utf8');
  return await connect({
    servers: `${await services.natsAddress()}:4222`,
    user,
    pass,
    inboxPrefix: `_INBOX_${user}`,
    timeout: 5000,
    reconnect: false,
  });
}
