import { describe, expect, test } from '@jest/globals';
import { formatBytes, parseBytes } from './byte-size.ts';
import { computedOptions, type InstanceSize } from './computed-options.ts';
import type { MysqlVersion } from './mysql-version.ts';
import { canonicalName } from './option-name.ts';
import { renderMyCnf } from './render-my-cnf.ts';

const size = (facts: Partial<InstanceSize> = {}): InstanceSize => ({
  memoryRequest: '1Gi',
  cpuLimit: undefined,
  storage: '1Gi',
  percona: false,
  version: [9, 7, 0],
  ...facts,
});

function optionsOf(text: string): Map<string, string[]> {
  const options = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^([\w-]+)(?: = (.*))?$/.exec(line) ?? [];
    if (name !== undefined) options.set(name, [...(options.get(name) ?? []), value]);
  }
  return options;
}

const computed = (facts: Partial<InstanceSize>): Record<string, string | undefined> =>
  Object.fromEntries(computedOptions(size(facts)).map(({ name, value }) => [name, value]));

describe('computed sizes', () => {
  test.each([
    ['256Mi', undefined],
    ['512Mi', undefined],
    ['1Gi', '384M'],
    ['2Gi', '1344M'],
    ['3Gi', '2112M'],
    ['4Gi', '2880M'],
    ['8Gi', '6G'],
    ['16Gi', '12697M'],
  ])('memory request %s gives a buffer pool of %s', (memoryRequest, expected) => {
    expect(computed({ memoryRequest })['innodb-buffer-pool-size']).toBe(expected);
  });

  test.each([
    ['1Gi', '341M', '116508K'],
    ['2Gi', '1G', '256M'],
    ['10Gi', '5G', '1G'],
  ])('a volume of %s gives Percona Server %s of binary logs in files of %s', (storage, limit, file) => {
    const options = computed({ storage, percona: true });
    expect(options).toMatchObject({ 'binlog-space-limit': limit, 'max-binlog-size': file });
    expect(computed({ storage })).not.toHaveProperty('binlog-space-limit');
  });

  test.each([
    ['512Mi', '100Gi', '96M'],
    ['1Gi', '100Gi', '256M'],
    ['8Gi', '100Gi', '1G'],
    ['16Gi', '100Gi', '2G'],
    ['32Gi', '100Gi', '4G'],
    ['32Gi', '1Gi', '128M'],
  ])('memory %s on a volume of %s gives a redo log of %s', (memoryRequest, storage, expected) => {
    expect(computed({ memoryRequest, storage })['innodb-redo-log-capacity']).toBe(expected);
  });

  test.each([
    [undefined, '8Gi', undefined],
    ['500m', '8Gi', '1'],
    ['2', '8Gi', '2'],
    [16, '8Gi', '6'],
    [4, '1Gi', '1'],
  ])('cpu limit %s and memory %s give %s buffer pool instances', (cpuLimit, memoryRequest, expected) => {
    expect(computed({ cpuLimit, memoryRequest })['innodb-buffer-pool-instances']).toBe(expected);
  });

  test('without a claim nothing is derived from its size', () => {
    expect(computed({ storage: undefined })).not.toHaveProperty('max-binlog-size');
  });

  test('sizes are read as they are written', () => {
    for (const text of ['384M', '116508K', '6G', '5000']) expect(formatBytes(parseBytes(text) ?? 0)).toBe(text);
    expect(parseBytes('many')).toBeUndefined();
  });
});

describe('my.cnf', () => {
  test('starts every instance closed, durable, with GTIDs and the plugins of replication', () => {
    const options = optionsOf(renderMyCnf(size(), {}).text);
    expect(Object.fromEntries(options)).toMatchObject({
      'super-read-only': ['ON'],
      'read-only': ['ON'],
      'skip-replica-start': ['ON'],
      'gtid-mode': ['ON'],
      'enforce-gtid-consistency': ['ON'],
      'log-bin': ['/var/lib/mysql/mysql-bin'],
      'sync-binlog': ['1'],
      'innodb-flush-log-at-trx-commit': ['1'],
      'replica-net-timeout': ['4'],
      'plugin-load-add': ['semisync_source.so', 'semisync_replica.so', 'mysql_clone.so'],
      socket: ['/var/run/mysqld/mysqld.sock'],
      'pid-file': ['/var/run/mysqld/mysqld.pid'],
    });
  });

  test('ends with the files of the one instance', () => {
    const { text } = renderMyCnf(size(), {});
    expect(text.startsWith('[mysqld]\n')).toBe(true);
    expect(text.endsWith('\n!includedir /etc/mysql/conf.d\n')).toBe(true);
  });

  test.each(['max-connections', 'max_connections', 'Max_Connections', 'loose-max-connections'])(
    'a user who writes %s replaces the value of the operator',
    (name) => {
      const { text } = renderMyCnf(size(), { [name]: 7 });
      expect(text.match(/max[-_]connections/gi)).toHaveLength(1);
      expect(text).toContain(`${name.toLowerCase()} = 7`);
    },
  );

  test('a user may give an old name to an option that has a new one', () => {
    const { text, remarks } = renderMyCnf(size(), { slave_net_timeout: 30 });
    expect(optionsOf(text).get('replica-net-timeout')).toEqual(['30']);
    expect(text).not.toContain('slave');
    expect(remarks).toEqual([]);
  });

  test("a user's plugin is loaded beside those of the operator", () => {
    const { text } = renderMyCnf(size(), { 'plugin-load-add': 'validate_password.so' });
    expect(optionsOf(text).get('plugin-load-add')).toHaveLength(4);
  });

  test("a user's computed key wins", () => {
    const { text } = renderMyCnf(size(), { innodb_buffer_pool_size: '64M' });
    expect(text.match(/buffer[-_]pool[-_]size/g)).toHaveLength(1);
  });

  test.each([
    ['innodb-log-file-size', '48M', 'innodb-redo-log-capacity', '96M'],
    ['expire_logs_days', 3, 'binlog-expire-logs-seconds', '259200'],
    ['tx-isolation', 'READ-COMMITTED', 'transaction-isolation', 'READ-COMMITTED'],
  ])('%s of an old manifest becomes its successor, and that is said', (name, value, successor, expected) => {
    const { text, remarks } = renderMyCnf(size(), { [name]: value });
    expect(optionsOf(text).get(successor)).toEqual([expected]);
    expect(remarks).toEqual([expect.stringContaining(`mysqlConf.${name}`)]);
  });

  test.each(['query-cache-size', 'master-info-repository', 'default-authentication-plugin'])(
    '%s is left out where mysqld would not start with it, and that is said',
    (name) => {
      const { text, remarks } = renderMyCnf(size(), { [name]: '1' });
      expect(text).not.toContain(name);
      expect(remarks).toEqual([expect.stringContaining('left out')]);
    },
  );

  test.each<[string, MysqlVersion | undefined, boolean]>([
    ['8.0', [8, 0, 40], true],
    ['8.4', [8, 4, 0], false],
    ['9.7', [9, 7, 0], false],
    ['an unknown version', undefined, false],
  ])('%s gets the native password plugin: %s', (_name, version, expected) => {
    expect(renderMyCnf(size({ version }), {}).text.includes('mysql_native_password')).toBe(expected);
  });

  test('is the same for the same input', () => {
    const conf = { b: 1, a: 'x' };
    expect(renderMyCnf(size(), conf).text).toBe(renderMyCnf(size(), { a: 'x', b: 1 }).text);
  });

  test('names that mean the same have one spelling', () => {
    expect(canonicalName('loose_Rpl_Semi_Sync_Master_Enabled'.replace('loose_', 'loose-'))).toBe(
      'rpl-semi-sync-source-enabled',
    );
    expect(canonicalName('SLAVE_PARALLEL_WORKERS')).toBe('replica-parallel-workers');
  });
});
