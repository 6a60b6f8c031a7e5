import { z } from 'zod';
import { type CatalogueEntry, catalogue } from './catalogue.ts';
import { createEvent, eventHeaders, eventStream, eventType, maxEventBytes } from './envelope.ts';
import { type EventDomain, eventDomains } from './event-definition.ts';

const publishers: Record<EventDomain, string> = {
  topology: 'topology-engine',
  cluster: 'cluster-controller',
  service: 'service-syncer',
};

/** docs/reference/events.md, from the catalogue. */
export function referencePage(): string {
  return [
    introduction,
    ...eventDomains.flatMap((domain) => domainSection(domain)),
    subscribing,
    stream(),
    wireFormat(),
    promise,
  ].join('\n\n');
}

const introduction = `<!-- Generated from packages/events: change it there, then run its \`generate\` script. -->

# Events

Pilotfish tells every fact about its clusters on NATS. Any program may listen; this page is the interface.

Subjects are \`mysql.v1.evt.<namespace>.<cluster>.<domain>.<name>\` for events about a cluster, and
\`mysql.v1.evt.<namespace>.<cluster>.<instance>.<domain>.<name>\` for events about one instance, which is named by its pod.

| to hear | subscribe to |
| --- | --- |
| everything | \`mysql.v1.evt.>\` |
| everything in one namespace | \`mysql.v1.evt.shop.>\` |
| everything of one cluster | \`mysql.v1.evt.shop.orders.>\` |
| who takes writes, in every cluster | \`mysql.v1.evt.*.*.topology.primary-opened\` |

The state itself is in Kubernetes (\`kubectl get mysql -o yaml\`) and in MySQL. An event follows the change it tells of;
when NATS is down, events wait in the publisher, and the oldest ones are dropped when they get too many: those marked
*kept longest* go last.`;

function domainSection(domain: EventDomain): string[] {
  const rows = catalogue.filter((row) => row.domain === domain);
  return [
    `## ${domain}: published by ${publishers[domain]}`,
    [
      '| event | tells |',
      '| --- | --- |',
      ...rows.map((row) => `| [${row.name}](#${row.name}) | ${row.description} |`),
    ].join('\n'),
    ...rows.map(eventSection),
  ];
}

function eventSection(row: CatalogueEntry): string {
  const instance = row.level === 'instance' ? '.<instance>' : '';
  return [
    `### ${row.name}`,
    '',
    `${row.description}${row.critical ? ' *Kept longest.*' : ''}`,
    '',
    `Subject \`mysql.v1.evt.<namespace>.<cluster>${instance}.${row.domain}.${row.name}\`, type \`${eventType(row.name)}\`.`,
    '',
    ...fieldTable(row),
    '```json',
    JSON.stringify(row.example),
    '```',
  ].join('\n');
}

function fieldTable(row: CatalogueEntry): string[] {
  const { properties = {} } = z.toJSONSchema(row.data, { io: 'input' });
  const fields = Object.entries(properties);
  if (fields.length === 0) return ['No fields: the payload is an empty object.', ''];
  return [
    '| field | type | meaning |',
    '| --- | --- | --- |',
    ...fields.map(([name, schema]) => `| ${name} | ${typeName(schema)} | ${description(schema)} |`),
    '',
  ];
}

type FieldSchema = z.core.JSONSchema.JSONSchema | boolean;

function typeName(schema: FieldSchema): string {
  if (typeof schema === 'boolean') return 'any';
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.const === '') return 'empty';
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeName).join(' or ');
  if (schema.type === 'array')
    return `list of ${Array.isArray(schema.items) ? 'any' : typeName(schema.items ?? true)}s`;
  return typeof schema.type === 'string' ? schema.type : 'any';
}

function description(schema: FieldSchema): string {
  return typeof schema === 'boolean' ? '' : (schema.description ?? '');
}

const subscribing = `## Subscribing

Use the account \`subscriber\`: it may read every event and publish none. The Secret \`<release>-nats-subscriber\` in the
namespace of the release has its \`password\`, and \`url\` with the address inside the cluster; from outside,
\`kubectl port-forward service/<release>-nats 4222\` makes it \`nats://127.0.0.1:4222\`. With these two in \`NATS_URL\` and
\`NATS_PASSWORD\`:

\`\`\`sh
# as they happen
nats --server "$NATS_URL" --user subscriber --password "$NATS_PASSWORD" sub 'mysql.v1.evt.>'
# the failovers of the last day, then new ones
nats --server "$NATS_URL" --user subscriber --password "$NATS_PASSWORD" \\
  sub --stream ${eventStream.name} --since 24h 'mysql.v1.evt.*.*.topology.failover-completed'
\`\`\`

In a program, with \`npm install @nats-io/transport-node\`:

\`\`\`js
import { connect } from '@nats-io/transport-node';

const { NATS_URL, NATS_PASSWORD } = process.env;
const nats = await connect({ servers: NATS_URL, user: 'subscriber', pass: NATS_PASSWORD, maxReconnectAttempts: -1 });
for await (const message of nats.subscribe('mysql.v1.evt.>')) {
  console.log(message.headers?.get('ce-time'), message.subject, message.json());
}
\`\`\`

A plain subscription hears what happens while it is connected. To miss nothing across restarts, make a durable pull
consumer on the stream with \`@nats-io/jetstream\`, and skip ids (\`ce-id\`) that were handled before.`;

function stream(): string {
  return `## The stream

Events are kept on the JetStream stream \`${eventStream.name}\`, on disk, for ${String(eventStream.maxAgeDays)} days and at most ${String(eventStream.maxBytes / 1024 / 1024)} MiB, whichever ends first; the
oldest go. An event that is published again within ${String(eventStream.duplicateWindowSeconds / 60)} minutes (the publisher did not hear that it had arrived) is
recognised by its id and stored once. Delivery is at least once. Events of one publisher are in order, save for those
that it had to send again; \`ce-time\` and \`epoch\` tell what came first.`;
}

function wireFormat(): string {
  const event = createEvent({
    name: 'primary-opened',
    source: { service: 'topology-engine', pod: 'pilotfish-topology-engine-7d4b9' },
    cluster: { namespace: 'shop', name: 'orders', uid: '5b2f0f0e-5d0c-4c53-9f5e-0a4a5b8f6a11' },
    occurrence: { sequence: 4 },
    time: new Date('2026-11-24T10:15:00.212Z'),
    data: { primary: 'orders-mysql-1', epoch: 4, previous: 'orders-mysql-0', kind: 'failover' },
  });
  const headers = { 'Nats-Msg-Id': event.id, ...eventHeaders(event) };
  return `## On the wire

[CloudEvents 1.0](https://cloudevents.io) in binary mode: the attributes are NATS headers, the body is the payload alone, JSON in
UTF-8, at most ${String(maxEventBytes / 1024)} KiB. \`ce-id\` is deterministic: the same fact told twice has the same id.

\`\`\`
${event.subject}
${Object.entries(headers)
  .map(([name, value]) => `${name}: ${value}`)
  .join('\n')}

${JSON.stringify(event.data)}
\`\`\``;
}

const promise = `## What stays

- Subjects, header names and the meaning of fields stay as they are within \`v1\`.
- Events and fields are added without notice: ignore those you do not know.
- A field is never removed or given another meaning within a type. A payload that has to change gets a new type
  (\`….v2\`), and both are published for one release.
- The grammar of subjects changes only together with \`v1\` in them.
`;
