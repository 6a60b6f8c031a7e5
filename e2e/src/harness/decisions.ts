import { jetstream } from '@nats-io/jetstream';
import { z } from 'zod';
import type { Environment } from './environment.ts';
import { connectNats } from './nats-access.ts';
import { OperatorServices } from './services.ts';

const STREAM = 'MYSQL_EVENTS';
const SUBJECT = 'mysql.v1.evt.*.*.topology.decision-made';
const MOST_MESSAGES = 10_000;
const QUIET_MS = 2_000;

const decisionMade = z.object({ entry: z.string() });

/**
 * What the engines have decided about the scenarios' clusters since a moment, with all that they went by: entries of the decision journal, from
 * the stream of events, so that it does not matter which engine decided and whether it still lives.
 */
export async function decisionsSince(env: Environment, since: Date): Promise<string[]> {
  const nats = await connectNats(env, await OperatorServices.find(env.kube), 'subscriber');
  try {
    const consumer = await jetstream(nats).consumers.get(STREAM, {
      filter_subjects: SUBJECT,
      opt_start_time: since.toISOString(),
    });
    const entries: string[] = [];
    for await (const message of await consumer.fetch({ max_messages: MOST_MESSAGES, expires: QUIET_MS })) {
      const namespace = message.subject.split('.')[3] ?? '';
      if (namespace.startsWith('e2e-')) entries.push(decisionMade.parse(message.json()).entry);
    }
    // One that is too large for an event is left out of it.
    return entries.filter((entry) => entry !== '');
  } finally {
    await nats.close();
  }
}
