import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Bus, connectBus } from '@pilotfish/bus';
import { createEvent, type DomainEvent, subjectPattern } from '@pilotfish/events';
import { eventually, type NatsServer, startNats, tempFolder, toolPath } from '@pilotfish/testkit';
import { find, type Manifest, template } from './helm.ts';
import { environment, workload, workloads } from './pod.ts';

const users = ['cluster-controller', 'service-syncer', 'subscriber', 'topology-engine'];
let manifests: Manifest[];

beforeAll(async () => {
  manifests = await template();
}, 900_000);

const decode = (secret: Manifest, key: string): string => Buffer.from(secret.data?.[key] ?? '', 'base64').toString();

describe('the NATS chart', () => {
  test('makes a Secret with the same password as in the configuration for each user', () => {
    const config = decode(find(manifests, 'Secret', 'pilotfish-nats-config'), 'nats.conf');
    for (const user of users) {
      const secret = find(manifests, 'Secret', `pilotfish-nats-${user}`);
      expect(decode(secret, 'user')).toBe(user);
      expect(decode(secret, 'url')).toBe('nats://pilotfish-nats.pilotfish-system:4222');
      expect(decode(secret, 'password')).toMatch(/^[A-Za-z0-9]{32}$/);
      expect(config).toContain(`user: "${user}"\n      password: "${decode(secret, 'password')}"`);
    }
  });

  test('has a configuration that nats-server accepts as a whole', async () => {
    const folder = await tempFolder('nats-conf');
    try {
      const file = join(folder.path, 'nats.conf');
      const config = decode(find(manifests, 'Secret', 'pilotfish-nats-config'), 'nats.conf');
      await writeFile(file, config.replace('"/data"', JSON.stringify(join(folder.path, 'data'))));
      const { stderr } = await promisify(execFile)(await toolPath('natsServer'), ['-t', '-c', file]);
      expect(stderr).toContain('is valid');
    } finally {
      await folder.remove();
    }
  });

  test('takes passwords that are given, quotes included', async () => {
    const given = await template({ set: ['nats.passwords.subscriber=a"b\\\\c#$d'] });
    expect(decode(find(given, 'Secret', 'pilotfish-nats-subscriber'), 'password')).toBe('a"b\\c#$d');
    const config = decode(find(given, 'Secret', 'pilotfish-nats-config'), 'nats.conf');
    expect(config).toContain('password: "a\\"b\\\\c#$d"');
  });

  test('keeps its stream on a volume, or on none', async () => {
    const { spec } = find(manifests, 'StatefulSet', 'pilotfish-nats');
    expect(spec?.volumeClaimTemplates).toMatchObject([{ spec: { resources: { requests: { storage: '2Gi' } } } }]);
    const volatile = find(await template({ set: ['nats.persistence.enabled=false'] }), 'StatefulSet', 'pilotfish-nats');
    expect(volatile.spec?.volumeClaimTemplates).toBeUndefined();
    expect(workload(volatile).pod.volumes).toContainEqual({ name: 'data', emptyDir: { sizeLimit: '2Gi' } });
  });

  test('can be replaced by a NATS elsewhere, or by none', async () => {
    const urls = async (set: readonly string[]) =>
      workloads(await template({ set })).map(({ container }) => environment(container).PILOTFISH_NATS_URL);
    const none = await template({ set: ['nats.enabled=false'] });
    expect(none.filter(({ metadata }) => metadata.labels['app.kubernetes.io/name'] === 'nats')).toEqual([]);
    expect(await urls(['nats.enabled=false'])).toEqual(['', '', '']);
    const elsewhere = 'nats://nats.example:4222';
    expect(await urls(['nats.enabled=false', `global.nats.url=${elsewhere}`])).toEqual([
      elsewhere,
      elsewhere,
      elsewhere,
    ]);
  });
});

describe('a real server with the configuration of the chart', () => {
  const cluster = { namespace: 'shop', name: 'orders', uid: 'u-1' };
  const opened = (sequence: number): DomainEvent =>
    createEvent({
      name: 'primary-opened',
      source: { service: 'topology-engine', pod: 'p' },
      cluster,
      occurrence: { sequence },
      time: new Date(0),
      data: { primary: 'orders-mysql-0', epoch: sequence, previous: '', kind: 'bootstrap' },
    });

  let server: NatsServer;
  const buses = new Map<string, { bus: Bus; outcomes: string[] }>();

  beforeAll(async () => {
    const config = decode(find(manifests, 'Secret', 'pilotfish-nats-config'), 'nats.conf');
    server = await startNats({ config: config.slice(config.indexOf('authorization {')) });
    for (const user of users) {
      const outcomes: string[] = [];
      const silent = () => undefined;
      const bus = connectBus({
        servers: server.url,
        user,
        pass: decode(find(manifests, 'Secret', `pilotfish-nats-${user}`), 'password'),
        name: user,
        logger: { info: silent, warn: silent },
        metrics: {
          connected: silent,
          outbox: silent,
          received: silent,
          published: (outcome) => outcomes.push(outcome),
        },
      });
      buses.set(user, { bus, outcomes });
    }
  }, 900_000);

  afterAll(async () => {
    for (const { bus } of buses.values()) await bus.close({ flushMs: 0 });
    await server.close();
  });

  const busOf = (user: string) => {
    const found = buses.get(user);
    if (found === undefined) throw new Error(`no user ${user}`);
    return found;
  };

  test('lets the engine make the stream and publish, and the syncer and a subscriber hear it', async () => {
    const heard: string[] = [];
    const engine = busOf('topology-engine');
    engine.bus.ensureStream();
    busOf('service-syncer').bus.subscribe(subjectPattern('primary-opened'), () => void heard.push('service-syncer'));
    busOf('subscriber').bus.subscribe('mysql.v1.evt.>', () => void heard.push('subscriber'));
    let sequence = 0;
    await eventually(
      () => {
        sequence += 1;
        engine.bus.publish(opened(sequence));
        return heard.includes('service-syncer') && heard.includes('subscriber') && engine.outcomes.includes('stored');
      },
      { deadlineMs: 10_000, describe: 'the event to be stored and heard' },
    );
    expect(engine.bus.status.problems).toEqual([]);
  });

  test.each(['cluster-controller', 'service-syncer', 'subscriber'])('does not let %s open a primary', async (user) => {
    const stored = [...busOf(user).outcomes];
    busOf(user).bus.publish(opened(1_000));
    await eventually(() => busOf(user).bus.status.problems.length > 0, {
      deadlineMs: 10_000,
      describe: `the server to refuse ${user}`,
    });
    expect(busOf(user).bus.status.problems.join()).toMatch(/permission/i);
    expect(busOf(user).outcomes.filter((outcome) => outcome === 'stored')).toEqual(stored);
  });
});
