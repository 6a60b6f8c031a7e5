import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TopologyStatus } from '@pilotfish/api';
import { type TempFolder, tempFolder } from '@pilotfish/testkit';
import { LockedError } from './directory-lock.ts';
import { FileStore } from './file-store.ts';

const key = 'prod/shop';
const topology = (change: Partial<TopologyStatus> = {}): TopologyStatus => ({
  primary: 'a',
  epoch: 1,
  initialized: true,
  ackSet: { members: ['b'], k: 1 },
  writable: true,
  instances: [],
  ...change,
});

describe('the record of the standalone engine', () => {
  let folder: TempFolder;
  beforeEach(async () => {
    folder = await tempFolder('state');
  });
  afterEach(async () => {
    await folder.remove();
  });

  test('is there again after a restart, and nothing half written is', async () => {
    const first = await FileStore.open(folder.path);
    expect(await first.read(key)).toBeUndefined();
    expect(await first.replace(key, topology(), undefined)).toBe(true);
    await first.setConditions(key, [{ type: 'Durable', status: 'True', reason: 'AckSetInForce', message: '' }]);
    await first.close();
    await writeFile(join(folder.path, 'clusters/prod/shop.json.new'), '{"topology":');
    const second = await FileStore.open(folder.path);
    expect(await second.read(key)).toEqual(topology());
    expect(await second.conditions(key)).toMatchObject([{ type: 'Durable', status: 'True' }]);
    await second.close();
  });

  test('is replaced only on top of what is expected', async () => {
    const store = await FileStore.open(folder.path);
    await store.replace(key, topology(), undefined);
    expect(await store.replace(key, topology({ epoch: 2 }), undefined)).toBe(false);
    expect(await store.replace(key, topology({ epoch: 3 }), topology({ epoch: 2 }))).toBe(false);
    const both = [
      store.replace(key, topology({ epoch: 2, primary: 'b' }), topology()),
      store.replace(key, topology({ epoch: 2, primary: 'c' }), topology()),
    ];
    expect(await Promise.all(both)).toEqual([true, false]);
    expect((await store.read(key))?.primary).toBe('b');
    await store.close();
  });

  test('that can not be understood is an error, not a cluster without a past', async () => {
    await mkdir(join(folder.path, 'clusters/prod'), { recursive: true });
    await writeFile(join(folder.path, 'clusters/prod/shop.json'), '{"topology": {"primary": ');
    const store = await FileStore.open(folder.path);
    await expect(store.read(key)).rejects.toThrow(/recorded state .*shop\.json can't be read/);
    await store.close();
  });

  test('is one engine at a time, and writes nothing once its lock is gone', async () => {
    const first = await FileStore.open(folder.path);
    await expect(FileStore.open(folder.path)).rejects.toThrow(LockedError);
    expect((await readdir(folder.path)).filter((name) => name.includes('.lock.'))).toEqual([]);
    await writeFile(join(folder.path, 'other'), '');
    await rename(join(folder.path, 'other'), join(folder.path, 'engine.lock'));
    await expect(first.replace(key, topology(), undefined)).rejects.toThrow(LockedError);
    await first.close();
  });
});
