import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { InventoryError, readInventory } from './read-inventory.ts';

const documentation = readFileSync(new URL('../../../../docs/standalone.md', import.meta.url), 'utf8');
const example = /```yaml\n(clusters:[^`]*)```/.exec(documentation)?.[1] ?? '';
const settingsExample = /```yaml\n(orchestrator:[^`]*)```/.exec(documentation)?.[1] ?? '';

function problemsOf(text: string): readonly string[] {
  try {
    readInventory(text, 'servers.yaml');
    return [];
  } catch (error: unknown) {
    if (error instanceof InventoryError) return error.problems;
    throw error;
  }
}

describe('an inventory', () => {
  test('as documented lists its clusters by key', () => {
    const cluster = readInventory(example, 'servers.yaml').clusters.get('prod/shop');
    expect(cluster?.resolved.spec).toMatchObject({ replicas: 3, maxSlaveLatency: 30 });
    expect(cluster?.resolved.spec.replication.dataDurability).toBe('required');
    expect(cluster?.listed.instances[1]).toEqual({ name: 'shop-2', host: '10.0.0.12', port: 3306 });
  });

  test('says what holds for all clusters: settings of Orchestrator, and hooks', () => {
    const { settings, meaningless, hooks } = readInventory(`${example}${settingsExample}`, 'servers.yaml');
    expect(settings).toEqual({ recoveryBlockSeconds: 600, neverPromoted: [/^10\.0\.0\.13$/] });
    expect(meaningless).toEqual([]);
    expect(hooks).toEqual([
      { on: 'after-failover', command: ['/hooks/tell', '{successorHost}'], timeoutMs: 2_000, veto: false },
    ]);
  });

  test.each([
    ['clusters: [', /^line 1: /],
    ['', /^line 1: the file: /],
    ['clusters:\n  - name: Shop\n', /^line 2: clusters\[0\]\.name: expected lower case/],
    [example.replace('port: 3306 }', 'port: 99999 }'), /^line 15: clusters\[0\]\.instances\[0\]\.port: /],
    [
      example.replace('name: shop-2', 'name: shop-1'),
      /^line 16: clusters\[0\]\.instances\[1\]\.name: shop-1 is listed twice$/,
    ],
    [example.replace('10.0.0.12', '10.0.0.11'), /^line 16: .*host: 10\.0\.0\.11:3306 is shop-1 of prod\/shop already$/],
    [
      example.replace('{ env: SHOP_OPERATOR_PASSWORD }', '{}'),
      /^line 10: .*operator\.password: give one of env and file$/,
    ],
    [example.replace('required', 'always'), /^line 5: clusters\[0\]\.replication\.dataDurability: /],
    [
      example.replace(
        'dataDurability',
        'failover: { instances: [{ name: shop-1, promotion: prefer }] }\n      dataDurability',
      ),
      /^line 5: clusters\[0\]\.replication\.failover\.instances\[0\]\.promotion: there is no such field$/,
    ],
    [example.replace('readOnly', 'x').replace('maxReplicaLagSeconds', 'maxLag'), /^line 2: clusters\[0\]: .*maxLag/],
    [
      `${example}orchestrator:\n  RecoveryPeriodBlockSeconds: 600\n  NoSuchSetting: 1\n`,
      /^line 20: orchestrator\.NoSuchSetting: is no setting of Orchestrator$/,
    ],
    [
      `${example}hooks:\n  - { on: after-failover, command: [tell] }\n`,
      /^line 19: hooks\[0\]\.command: 'tell' is no absolute path$/,
    ],
    [`${example}${example.replace('clusters:\n', '')}`, /^line 18: clusters\[1\]\.name: prod\/shop is listed twice$/],
  ])('with a mistake is refused with the line and the path (%#)', (text, expected) => {
    expect(problemsOf(text).join('\n')).toMatch(new RegExp(expected.source, 'm'));
  });
});
