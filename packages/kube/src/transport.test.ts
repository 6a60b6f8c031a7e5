import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@pilotfish/testkit';
import { configMaps } from './builtin-resources.ts';
import type { CredentialSource } from './credentials.ts';
import { KubeClient } from './kube-client.ts';
import { noKubeMetrics } from './kube-metrics.ts';
import { TestCluster } from './testing/test-cluster.ts';
import { Transport } from './transport.ts';

let cluster: TestCluster;
let valid: CredentialSource;
beforeAll(async () => {
  cluster = await TestCluster.start();
  valid = cluster.credentials();
}, 60_000);
afterAll(() => cluster.close());

/** A client that is given these credentials one after the other, the last ones for ever. */
function clientOf(sources: CredentialSource[], clock: ManualClock): KubeClient {
  const source: CredentialSource = async () => {
    const [first = valid] = sources.length > 1 ? sources.splice(0, 1) : sources;
    return await first();
  };
  return new KubeClient(new Transport({ source, userAgent: 'test', clock, metrics: noKubeMetrics }));
}

const withBadToken: CredentialSource = async () => {
  const { tls, ...rest } = await valid();
  const { cert: _cert, key: _key, ...withoutClientCertificate } = tls;
  return { ...rest, tls: withoutClientCertificate, headers: { Authorization: 'Bearer of-yesterday' } };
};

const withBadAuthority: CredentialSource = async () => {
  const credentials = await valid();
  const { ca: _ca, rejectUnauthorized: _rejectUnauthorized, ...tls } = credentials.tls;
  return { ...credentials, tls };
};

const list = (client: KubeClient) => client.list(configMaps, { namespace: 'default' });

describe('credentials that are rotated', () => {
  test('are read again when the server refuses the old token', async () => {
    const clock = new ManualClock();
    const client = clientOf([withBadToken, valid], clock);
    await expect(list(client)).rejects.toMatchObject({ status: 401, reason: 'Unauthorized' });
    await clock.advance(2_000);
    await list(client);
    await client.close();
  });

  test('are read again when the certificate of the server is not trusted', async () => {
    const clock = new ManualClock();
    const client = clientOf([withBadAuthority, valid], clock);
    await expect(list(client)).rejects.toMatchObject({ isUnreachable: true });
    await clock.advance(2_000);
    await expect(list(client)).rejects.toMatchObject({ isUnreachable: true });
    await list(client);
    await client.close();
  });

  test('are believed for a minute, and not read for each request', async () => {
    const clock = new ManualClock();
    let reads = 0;
    const counted: CredentialSource = () => {
      reads += 1;
      return valid();
    };
    const client = clientOf([counted], clock);
    for (let i = 0; i < 5; i += 1) await list(client);
    expect(reads).toBe(1);
    await clock.advance(60_000);
    await list(client);
    expect(reads).toBe(2);
    await client.close();
  });

  test('do not matter any more once the client is closed', async () => {
    const client = clientOf([valid], new ManualClock());
    await list(client);
    await client.close();
    await expect(list(client)).rejects.toMatchObject({ reason: 'Closed' });
  });
});
