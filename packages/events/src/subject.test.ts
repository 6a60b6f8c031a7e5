import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { catalogue } from './catalogue.ts';
import { buildSubject, InvalidEventError, parseSubject, subjectPattern } from './subject.ts';

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
const row = fc.constantFrom(...catalogue);

describe('subjects', () => {
  test('parse is the inverse of build for every event and every name', () => {
    fc.assert(
      fc.property(row, label, label, label, ({ name, domain, level }, namespace, cluster, pod) => {
        const place = { namespace, cluster, ...(level === 'instance' ? { instance: pod } : {}), name };
        expect(parseSubject(buildSubject(place))).toEqual({ kind: 'event', subject: { ...place, domain } });
      }),
    );
  });

  test('whatever can be built is one subject of the stream with the tokens it was built from', () => {
    fc.assert(
      fc.property(row, fc.string(), fc.string(), fc.string(), ({ name, level }, namespace, cluster, pod) => {
        const place = { namespace, cluster, ...(level === 'instance' ? { instance: pod } : {}), name };
        let subject: string;
        try {
          subject = buildSubject(place);
        } catch (error: unknown) {
          expect(error).toBeInstanceOf(InvalidEventError);
          return;
        }
        expect(subject).toMatch(/^mysql\.v1\.evt(\.[a-z0-9-]+){4,5}$/);
      }),
    );
  });

  test('parse never throws and never accepts what build would not make', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { maxLength: 6 }), (anything, tokens) => {
        for (const subject of [anything, ['mysql', 'v1', 'evt', ...tokens].join('.')]) {
          const parsed = parseSubject(subject);
          if (parsed.kind === 'event') expect(buildSubject(parsed.subject)).toBe(subject);
        }
      }),
    );
  });

  test.each([
    ['a wildcard', '*'],
    ['the rest wildcard', '>'],
    ['a dot', 'orders.topology'],
    ['a space', 'or ders'],
    ['upper case', 'Orders'],
    ['a line break', 'orders\r\nPUB x'],
    ['nothing', ''],
    ['64 characters', 'a'.repeat(64)],
    ['a leading dash', '-orders'],
  ])('%s in a name is refused', (_what, cluster) => {
    expect(() => buildSubject({ namespace: 'shop', cluster, name: 'primary-opened' })).toThrow(InvalidEventError);
  });

  test('an instance where there is none, and none where there should be one, are refused', () => {
    const place = { namespace: 'shop', cluster: 'orders' };
    expect(() => buildSubject({ ...place, instance: 'orders-mysql-0', name: 'primary-opened' })).toThrow(
      InvalidEventError,
    );
    expect(() => buildSubject({ ...place, name: 'role-changed' })).toThrow(InvalidEventError);
    expect(parseSubject('mysql.v1.evt.shop.orders.orders-mysql-0.topology.primary-opened').kind).toBe('malformed');
  });

  test('a name of a newer version is unknown, not malformed; names of the language are no events', () => {
    expect(parseSubject('mysql.v1.evt.shop.orders.topology.primary-polished').kind).toBe('unknown');
    expect(parseSubject('mysql.v1.evt.shop.orders.backup.backup-completed').kind).toBe('unknown');
    expect(parseSubject('mysql.v1.evt.shop.orders.topology.constructor').kind).toBe('unknown');
  });

  test('a pattern has one wildcard for each name left open', () => {
    expect(subjectPattern('primary-opened')).toBe('mysql.v1.evt.*.*.topology.primary-opened');
    expect(subjectPattern('role-changed', { namespace: 'shop' })).toBe('mysql.v1.evt.shop.*.*.service.role-changed');
    expect(() => subjectPattern('role-changed', { namespace: '>' })).toThrow(InvalidEventError);
  });
});
