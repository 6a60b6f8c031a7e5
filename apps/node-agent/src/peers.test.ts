import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '@pilotfish/testkit';
import { Peers } from './peers.ts';

const suffix = 'mysql.ns.svc.cluster.local';

function peersOf(hosts: string[]) {
  const clock = new ManualClock();
  const dns = { hosts, down: false };
  const peers = new Peers({
    directory: {
      hosts: () => (dns.down ? Promise.reject(new Error('no answer')) : Promise.resolve(dns.hosts)),
      addressesOf: (host) => Promise.resolve([`address of ${host.split('.')[0] ?? ''}`]),
    },
    cluster: 'c',
    ownPod: 'c-mysql-0',
    clock,
  });
  const pass = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i += 10) {
      await peers.refresh();
      await clock.advance(10_000);
    }
  };
  return { peers, dns, pass };
}

describe('the peers of an instance', () => {
  test('are the other pods of its cluster behind the Service of the namespace', async () => {
    const names = [
      'c-mysql-0',
      'c-mysql-1',
      'c-mysql-12',
      'c-mysql-x-1',
      'other-mysql-1',
      'cc-mysql-1',
      'c-mysql-master',
    ];
    const { peers } = peersOf(names.map((name) => `${name}.${suffix}`));
    await peers.refresh();
    expect(peers.addresses()).toEqual(['address of c-mysql-1', 'address of c-mysql-12']);
  });

  test('stay known while DNS is down', async () => {
    const { peers, dns, pass } = peersOf([`c-mysql-1.${suffix}`]);
    await pass(10);
    dns.down = true;
    await pass(3600);
    expect(peers.addresses()).toEqual(['address of c-mysql-1']);
    expect(peers.isSolo()).toBe(false);
  });

  test('are none for certain after a minute of answers without one', async () => {
    const { peers, dns, pass } = peersOf([`c-mysql-0.${suffix}`]);
    await pass(60);
    expect(peers.isSolo()).toBe(false);
    await pass(10);
    expect(peers.isSolo()).toBe(true);
    dns.hosts = [`c-mysql-1.${suffix}`];
    await pass(10);
    expect(peers.isSolo()).toBe(false);
  });

  test('are never none because of an answer without the own pod', async () => {
    const { peers, pass } = peersOf([`other-mysql-0.${suffix}`]);
    await pass(3600);
    expect(peers.isSolo()).toBe(false);
  });

  test('are never none because DNS is down', async () => {
    const { peers, dns, pass } = peersOf([]);
    dns.down = true;
    await pass(3600);
    expect(peers.isSolo()).toBe(false);
  });
});
