import { describe, expect, test } from '@jest/globals';
import { cluster } from '../testing/fixtures.ts';
import { resolveMysqlImage } from './mysql-image.ts';
import { nameProblems } from './name-problems.ts';

const images = {
  default: 'r/mysql:9.7',
  '8.4': 'r/mysql:8.4.3',
  '8.0.40': 'r/percona:8.0.40',
  '10.1': 'r/mysql:latest',
};

describe('the image of mysqld', () => {
  test.each<[Record<string, string>, string, readonly number[] | undefined]>([
    [{}, 'r/mysql:9.7', [9, 7, 0]],
    [{ mysqlVersion: '8.4' }, 'r/mysql:8.4.3', [8, 4, 3]],
    [{ mysqlVersion: '8.4.1' }, 'r/mysql:8.4.3', [8, 4, 1]],
    [{ mysqlVersion: '8.0.40' }, 'r/percona:8.0.40', [8, 0, 40]],
    [{ mysqlVersion: '10.1' }, 'r/mysql:latest', [10, 1, 99]],
    [{ image: 'mine/mysql:latest' }, 'mine/mysql:latest', undefined],
    [{ image: 'mine:5000/mysql' }, 'mine:5000/mysql', undefined],
    [{ image: 'mine/db:x', mysqlVersion: '8.0.35' }, 'mine/db:x', [8, 0, 35]],
    [{ image: 'mine/mysql:9.1.0@sha256:0' }, 'mine/mysql:9.1.0@sha256:0', [9, 1, 0]],
  ])('%j is %s, version %j', (spec, image, version) => {
    expect(resolveMysqlImage(spec, images)).toMatchObject({ image });
    expect(resolveMysqlImage(spec, images)).toHaveProperty('version', version);
  });

  test.each([
    [{ mysqlVersion: '7.3' }, /7\.3.*Known versions: 8\.0\.40, 8\.4, 10\.1\. Use one of these, or set spec\.image/],
    [{ mysqlVersion: 'constructor' }, /No image/],
    [{ mysqlVersion: '5.7.35', image: 'mine/mysql:5.7' }, /5\.7\.35 is too old/],
  ])('%j is refused with a sentence that says what to do', (spec, message) => {
    expect(resolveMysqlImage(spec, images)).toMatchObject({
      reason: 'UnknownVersion',
      blocks: 'stateful-set',
      message: expect.stringMatching(message),
    });
  });

  test('without a default an unset version is a problem', () => {
    expect(resolveMysqlImage({}, {})).toMatchObject({
      reason: 'UnknownVersion',
      message: expect.stringContaining('none'),
    });
  });
});

describe('names', () => {
  test.each([
    ['a'.repeat(41), 'shop', 10, []],
    ['a'.repeat(42), 'shop', 10, ['NameTooLong']],
    ['a'.repeat(41), 'shop', 11, ['NameTooLong']],
    ['a.b', 'shop', 1, ['InvalidSpec']],
  ])('%s in %s with %s replicas', (name, namespace, replicas, expected) => {
    expect(
      nameProblems(cluster({ metadata: { name, namespace }, spec: { replicas } })).map(({ reason }) => reason),
    ).toEqual(expected);
  });
});
