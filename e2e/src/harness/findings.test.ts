import { describe, expect, test } from '@jest/globals';
import { matrixTable, resultTable, splitTable } from '../report.ts';
import { Findings } from './findings.ts';

const notRun = (): Promise<void> => Promise.reject(new Error('not run'));
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
      appended: 0,
      appendFaults: 0,
      splits: [],
      outcome: [],
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

  test('of the matrix stand beside what was expected', () => {
    const findings = new Findings();
    findings.addOutcome('failover');
    findings.addOutcome('held: NoCandidate');
    findings.addOutcome('failover');
    const scenario = { name: 'a', summary: '', expectation: 'a failover', needsLocalCluster: true, run: notRun };
    const [, row] = matrixTable([findings.result('a', undefined)], [scenario]);
    expect(row).toMatch(/^a +passed +a failover +failover; held: NoCandidate +0 /);
  });

  test('say what the outages were made of, where that is known', () => {
    const findings = new Findings();
    findings.addSplit({ engine: 150, label: 20, endpointSlice: 30, proxy: 70, write: 20 });
    const table = splitTable([findings.result('a', undefined), new Findings().result('b', undefined)]);
    expect(table).toHaveLength(2);
    expect(table[1]).toMatch(/^a +1 +150 +20 +30 +70 +20$/);
    expect(splitTable([new Findings().result('b', undefined)])).toEqual([]);
  });
});
