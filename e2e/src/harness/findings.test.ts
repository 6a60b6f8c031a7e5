import { describe, expect, test } from '@jest/globals';
import { resultTable } from '../report.ts';
import { Findings } from './findings.ts';

const losses = { acknowledged: 10, refused: 1, unknown: 1, lost: [], refusedButPresent: 0, unknownButPresent: 1 };

describe('findings', () => {
  test('add up over the rounds of a scenario', () => {
    const findings = new Findings();
    findings.addWrites(losses, 0);
    findings.addWrites(losses, 0);
    findings.addOutage(200.4);
    findings.addOutage(300);
    findings.addRedundancy(5000);
    findings.addRedundancy(4000);
    expect(findings.result('a', undefined)).toEqual({
      scenario: 'a',
      ok: true,
      acknowledged: 20,
      lost: 0,
      twoWritableMs: 0,
      outageMs: [200, 300],
      redundancyMs: 5000,
      error: null,
    });
  });

  test('fail a scenario that loses a write, or sees two writable servers, whatever else happens', () => {
    const lossy = new Findings();
    lossy.addWrites({ ...losses, lost: ['1:1'] }, 0);
    expect(lossy.result('a', undefined)).toMatchObject({ ok: false, lost: 1 });
    const twofold = new Findings();
    twofold.addWrites(losses, 12);
    expect(twofold.result('a', undefined)).toMatchObject({ ok: false, twoWritableMs: 12 });
  });

  test('keep their figures when the scenario fails half-way', () => {
    const findings = new Findings();
    findings.addWrites(losses, 0);
    expect(findings.result('a', 'the sky fell')).toMatchObject({ ok: false, acknowledged: 10, error: 'the sky fell' });
  });

  test('of several scenarios fit into a table', () => {
    const findings = new Findings();
    findings.addOutage(100);
    findings.addOutage(300);
    const table = resultTable([findings.result('primary-sigkill', undefined), new Findings().result('b', 'broken')]);
    expect(table[1]).toMatch(/^primary-sigkill +passed .*median 200 \(100, 300\)/);
    expect(table[2]).toMatch(/^b +FAILED/);
  });
});
