import { describe, expect, test } from '@jest/globals';
import { GtidParseError, GtidSet } from './index.ts';

const a = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const b = '4e11fa47-71ca-11e1-9e33-c80aa9429562';

describe('reading and writing', () => {
  test.each([
    ['the empty set', '', ''],
    ['one transaction', `${a}:7`, `${a}:7`],
    ['intervals', `${a}:1-5:7:9-12`, `${a}:1-5:7:9-12`],
    ['what @@gtid_executed prints: a line for each source', `${a}:1-5,\n${b}:1-3`, `${a}:1-5,${b}:1-3`],
    ['upper case', `${a.toUpperCase()}:1-5`, `${a}:1-5`],
    ['sources out of order', `${b}:1,${a}:1`, `${a}:1,${b}:1`],
    ['a source twice', `${a}:1-2,${a}:4`, `${a}:1-2:4`],
    ['intervals out of order, adjacent and overlapping', `${a}:9:1-3:4:2-5:7`, `${a}:1-5:7:9`],
    ['empty members', `,, ${a}:1 ,,`, `${a}:1`],
    ['blanks between any two tokens', ` \t${a} : 1 - 5 : 7 ,\r\n ${b} : 2 `, `${a}:1-5:7,${b}:2`],
    ['an interval that ends before it starts, which MySQL ignores', `${a}:5-3:8-0`, ''],
    ['a source without intervals', `${a},${b}:1`, `${b}:1`],
    ['a tag without intervals', `${a}:backup:nightly:1`, `${a}:nightly:1`],
    ['tags', `${a}:1-5:backup:1-3:7:migration:2`, `${a}:1-5:backup:1-3:7:migration:2`],
    ['tags out of order and in upper case', `${a}:Zeta:1:alpha:2, ${a}:3`, `${a}:3:alpha:2:zeta:1`],
    ['a tag of a source without untagged transactions', `${b}:1,${a}:t_1:1`, `${a}:t_1:1,${b}:1`],
    ['numbers beyond 2^53, exactly', `${a}:9007199254740990-9007199254740993:9223372036854775806`, undefined],
    ['adjacency beyond 2^53', `${a}:9007199254740991:9007199254740992`, `${a}:9007199254740991-9007199254740992`],
  ])('%s', (_name, text, expected) => {
    expect(GtidSet.parse(text).toString()).toBe(expected ?? text);
  });

  test.each([
    ['not a uuid', 'primary:1-5', 0],
    ['a uuid that is too long', `${a}0:1`, 0],
    ['no number after the colon', `${a}:`, 37],
    ['zero as first number', `${a}:0-5`, 37],
    ['a number beyond 2^63 - 2', `${a}:9223372036854775807`, 37],
    ['no last number', `${a}:1-`, 39],
    ['a tag of 33 characters', `${a}:${'t'.repeat(33)}:1`, 37],
    ['another separator', `${a}:1;${b}:1`, 38],
  ])('refuses %s, and says where', (_name, text, offset) => {
    const error = thrownBy(() => GtidSet.parse(text));
    expect(error).toBeInstanceOf(GtidParseError);
    expect((error as GtidParseError).offset).toBe(offset);
  });
});

describe('algebra', () => {
  test.each([
    [`${a}:1-10`, `${a}:4-6`, { union: `${a}:1-10`, subtract: `${a}:1-3:7-10`, intersect: `${a}:4-6` }],
    [`${a}:1-5`, `${a}:6-9`, { union: `${a}:1-9`, subtract: `${a}:1-5`, intersect: '' }],
    [`${a}:1-5:10-15`, `${a}:3-12`, { union: `${a}:1-15`, subtract: `${a}:1-2:13-15`, intersect: `${a}:3-5:10-12` }],
    [`${a}:1-5`, `${b}:1-5`, { union: `${a}:1-5,${b}:1-5`, subtract: `${a}:1-5`, intersect: '' }],
    [`${a}:1-5`, '', { union: `${a}:1-5`, subtract: `${a}:1-5`, intersect: '' }],
    [`${a}:1-5`, `${a}:tag:1-5`, { union: `${a}:1-5:tag:1-5`, subtract: `${a}:1-5`, intersect: '' }],
  ])('of %s and %s', (left, right, expected) => {
    const [l, r] = [GtidSet.parse(left), GtidSet.parse(right)];
    expect({
      union: l.union(r).toString(),
      subtract: l.subtract(r).toString(),
      intersect: l.intersect(r).toString(),
    }).toEqual(expected);
  });

  test('counts transactions, also more than a number holds', () => {
    expect(GtidSet.parse(`${a}:1-5:7:tag:1-2,${b}:1`).count()).toBe(9n);
    expect(GtidSet.parse(`${a}:1-9223372036854775806`).count()).toBe(2n ** 63n - 2n);
  });

  test('contains: a returned primary with one commit more than the new one is errant', () => {
    const primary = GtidSet.parse(`${a}:1-100,${b}:1-20`);
    const returned = GtidSet.parse(`${a}:1-101`);
    expect(primary.contains(returned)).toBe(false);
    expect(returned.subtract(primary).toString()).toBe(`${a}:101`);
    expect(primary.contains(GtidSet.parse(`${a}:2-100`))).toBe(true);
    expect(GtidSet.empty.contains(GtidSet.empty)).toBe(true);
  });

  test('names the sources, and takes one of them out with its tags', () => {
    const set = GtidSet.parse(`${b}:1,${a}:1-5:tag:1,${b}:other:2`);
    expect(set.uuids()).toEqual([a, b]);
    expect(set.ofSource(b.toUpperCase()).toString()).toBe(`${b}:1:other:2`);
    expect(set.ofSource('00000000-0000-0000-0000-000000000000').isEmpty()).toBe(true);
  });

  test('operations leave their operands as they were', () => {
    const l = GtidSet.parse(`${a}:1-5`);
    const r = GtidSet.parse(`${a}:3-9`);
    l.union(r);
    l.subtract(r);
    l.intersect(r);
    expect([l.toString(), r.toString()]).toEqual([`${a}:1-5`, `${a}:3-9`]);
  });

  test('names each of its transactions, and knows which are in it', () => {
    const set = GtidSet.parse(`${a}:1-2:5:tag:9223372036854775800-9223372036854775801`);
    expect([...set.transactions()]).toEqual([
      `${a}:1`,
      `${a}:2`,
      `${a}:5`,
      `${a}:tag:9223372036854775800`,
      `${a}:tag:9223372036854775801`,
    ]);
    expect(set.has(a.toUpperCase(), '', 2n)).toBe(true);
    expect(set.has(a, 'tag', 9223372036854775801n)).toBe(true);
    expect(set.has(a, '', 3n)).toBe(false);
    expect(set.has(a, 'tag', 2n)).toBe(false);
    expect(set.has(b, '', 1n)).toBe(false);
  });

  test('is text in JSON', () => {
    expect(JSON.stringify({ set: GtidSet.parse(`${a}:1`) })).toBe(`{"set":"${a}:1"}`);
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error: unknown) {
    return error;
  }
}
