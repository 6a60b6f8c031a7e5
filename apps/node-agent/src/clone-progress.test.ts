import { describe, expect, test } from '@jest/globals';
import type { CloneStatus } from '@pilotfish/mysql';
import { describeProgress, ProgressWatch } from './clone-progress.ts';

const copying: CloneStatus = {
  state: 'In Progress',
  source: 'd:3306',
  errno: 0,
  error: '',
  stage: 'FILE COPY',
  copiedBytes: 3 * 2 ** 20,
  estimatedBytes: 10 * 2 ** 20,
};

describe('a clone', () => {
  test('that copies is not stalled, however long it takes', () => {
    const watch = new ProgressWatch(1000);
    for (let i = 0; i < 100; i++) expect(watch.isStalled({ ...copying, copiedBytes: i }, i * 900)).toBe(false);
  });

  test('that copies nothing is stalled after the limit', () => {
    const watch = new ProgressWatch(1000);
    expect([0, 999, 1000].map((nowMs) => watch.isStalled(copying, nowMs))).toEqual([false, false, true]);
    watch.restart(1000);
    expect([1999, 2000].map((nowMs) => watch.isStalled(copying, nowMs))).toEqual([false, true]);
  });

  test('of which mysqld says nothing is stalled too', () => {
    const watch = new ProgressWatch(1000);
    expect([null, null].map((status, i) => watch.isStalled(status, i * 1000))).toEqual([false, true]);
  });

  test('is described in words', () => {
    expect(describeProgress(copying)).toBe('file copy: 3 of about 10 MiB');
  });
});
