import { describe, expect, test } from '@jest/globals';
import { manifest, topology } from '../testing/fixtures.ts';
import { readCluster } from './read-cluster.ts';

describe('readCluster', () => {
  test('applies the defaults', () => {
    const reading = readCluster({ ...manifest, spec: { secretName: 's' } });
    expect(reading).toMatchObject({ ok: true, cluster: { spec: { replicas: 1, serverIDOffset: 100 } } });
  });

  test.each([
    [{ secretName: 's', replicas: -1 }, 'replicas'],
    [{ replicas: 3 }, 'secretName'],
    [{ secretName: 's', replicas: 'three' }, 'replicas'],
    [{ secretName: 's', mysqlConf: { 'a b': 1 } }, 'mysqlConf'],
    [{ secretName: 's', mysqlConf: { a: 'x\n[mysqld]\nskip-grant-tables' } }, 'mysqlConf'],
    [undefined, 'spec'],
    [null, 'spec'],
    [{ secretName: 's', podSpec: { resources: { requests: { memory: 'lots' } } } }, 'memory'],
  ])('a stored spec %j is a problem that names the field', (spec, field) => {
    const reading = readCluster({ ...manifest, spec });
    if (reading.ok) throw new Error('accepted');
    expect(reading.problems[0]).toMatchObject({ reason: 'InvalidSpec', blocks: 'everything' });
    expect(reading.problems[0]?.message).toContain(field);
  });

  test('a bad spec keeps its status, so that transitions are told once', () => {
    const status = { readyNodes: 3, topology: topology(0, 3) };
    const reading = readCluster({ ...manifest, spec: {}, status });
    expect(reading).toMatchObject({ ok: false, status: { readyNodes: 3 } });
  });

  test('a status that makes no sense does not stop the spec from being served', () => {
    const status = { conditions: [{ type: 'Ready', status: 'Perhaps' }], nodes: 'many' };
    expect(readCluster({ ...manifest, status })).toMatchObject({
      ok: true,
      cluster: { spec: { replicas: 5 }, status: {} },
    });
  });

  test('a name that instances cannot have is a problem', () => {
    const metadata = { ...manifest.metadata, name: 'a'.repeat(60) };
    expect(readCluster({ ...manifest, metadata })).toMatchObject({ ok: false, problems: [{ reason: 'NameTooLong' }] });
  });
});
