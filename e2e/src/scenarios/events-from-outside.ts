import { type JsMsg, jetstream } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { faultRound } from '../harness/fault-rounds.ts';
import { signalMysqld } from '../harness/mysqld-process.ts';
import { connectNats } from '../harness/nats-access.ts';
import type { Scenario, Stage } from '../harness/scenario.ts';
import { OperatorServices } from '../harness/services.ts';
import { messageOf, waitFor } from '../harness/wait-for.ts';

const STREAM = 'MYSQL_EVENTS';

interface SeenEvent {
  readonly subject: string;
  readonly id: string;
  readonly type: string;
  readonly payload: unknown;
}

export const eventsFromOutside: Scenario = {
  name: 'events-from-outside',
  summary: 'a program with the NATS client alone sees a failover as it happens, and again from the stream',
  needsLocalCluster: true,
  run: async (stage) => {
    const services = await OperatorServices.find(stage.env.kube);
    const cluster = await stage.sharedCluster();
    const subject = `mysql.v1.evt.${cluster.namespace}.${cluster.name}.>`;
    const nats = await connectNats(stage.env, services, 'subscriber');
    try {
      const live: SeenEvent[] = [];
      const subscription = nats.subscribe(subject, { callback: (_, message) => void live.push(seen(message)) });
      await nats.flush();
      const replay = await replayFrom(nats, subject, new Date());

      await faultRound(
        stage,
        cluster,
        {
          inject: ({ primary }) => {
            signalMysqld(primary.metadata.uid, 'SIGKILL');
          },
        },
        'failover',
      );

      checkFailover(stage, live);
      await checkReplay(live, replay);
      subscription.unsubscribe();
      await checkForbidden(
        stage,
        nats,
        live,
        `mysql.v1.evt.${cluster.namespace}.${cluster.name}.topology.primary-opened`,
      );
    } finally {
      await nats.close();
    }
  },
};

function seen(message: Msg | JsMsg): SeenEvent {
  const { subject, headers } = message;
  return {
    subject,
    id: headers?.get('ce-id') ?? '',
    type: headers?.get('ce-type') ?? '',
    payload: message.json(),
  };
}

/** What a failover looks like from outside: these facts, in this order. */
function checkFailover(stage: Stage, live: readonly SeenEvent[]): void {
  const names = live.map(({ subject }) => subject.split('.').slice(-2).join('.'));
  stage.log(`seen: ${names.join(', ')}`);
  const wanted = ['topology.failover-started', 'topology.primary-opened', 'topology.failover-completed'];
  const places = wanted.map((name) => names.indexOf(name));
  for (const [index, name] of wanted.entries())
    stage.findings.expect((places[index] ?? -1) >= 0, `no event ${name} was seen`);
  stage.findings.expect(
    places.join() === [...places].sort((a, b) => a - b).join(),
    `the events came in another order: ${names.join(', ')}`,
  );
  for (const { id, type, subject } of live) {
    stage.findings.expect(
      id !== '' && type.startsWith('dev.pilotfish.'),
      `${subject} has no CloudEvents headers (ce-id "${id}", ce-type "${type}")`,
    );
  }
  const repeated = live.length - distinct(live).length;
  if (repeated > 0) stage.log(`${repeated} events came again (same ce-id): a subscriber has to expect that`);
}

/** Starts to read the stream from now on; the returned list grows. */
async function replayFrom(nats: NatsConnection, subject: string, since: Date): Promise<SeenEvent[]> {
  const consumer = await jetstream(nats).consumers.get(STREAM, {
    filter_subjects: subject,
    opt_start_time: since.toISOString(),
  });
  const messages = await consumer.consume();
  const replayed: SeenEvent[] = [];
  void (async () => {
    for await (const message of messages) replayed.push(seen(message));
  })().catch(() => undefined);
  return replayed;
}

/** Each event once, by its id: an event is delivered at least once to a plain subscriber, and is stored once. */
function distinct(events: readonly SeenEvent[]): SeenEvent[] {
  const ids = new Set<string>();
  return events.filter(({ id }) => !ids.has(id) && ids.add(id));
}

async function checkReplay(live: readonly SeenEvent[], replayed: readonly SeenEvent[]): Promise<void> {
  await waitFor(
    'the stream holds what was seen live, in the same order',
    () => {
      const ids = replayed.map(({ id }) => id).join();
      if (
        ids ===
        distinct(live)
          .map(({ id }) => id)
          .join()
      )
        return true;
      throw new Error(`${replayed.length} events of ${distinct(live).length}`);
    },
    { timeoutMs: 20_000 },
  );
}

/** The user of outside programs can't pretend to be a service. */
async function checkForbidden(
  stage: Stage,
  nats: NatsConnection,
  live: readonly SeenEvent[],
  subject: string,
): Promise<void> {
  let refusals = 0;
  void (async () => {
    for await (const status of nats.status()) if (status.type === 'error') refusals += 1;
  })();
  const count = live.length;
  nats.publish(subject, '{}');
  await nats.flush();
  try {
    await waitFor('the refusal of a message of the user "subscriber"', () => refusals > 0, { timeoutMs: 5000 });
  } catch (error) {
    stage.findings.complain(messageOf(error));
  }
  stage.findings.expect(live.length === count, 'a message of the user "subscriber" was passed on');
}
