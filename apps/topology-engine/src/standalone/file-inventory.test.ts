import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createLogger } from '@pilotfish/service';
import { type TempFolder, tempFolder } from '@pilotfish/testkit';
import { FileInventory } from './file-inventory.ts';

const text = `clusters:
  - name: shop
    credentials:
      operator: { user: op, password: { env: OPERATOR } }
      replication: { user: repl, password: { file: replication.txt } }
    instances:
      - { name: a, host: 127.0.0.1, port: 3307 }
`;
const logger = createLogger({ service: 'test', level: 'silent' });
let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder('inventory');
  await writeFile(join(folder.path, 'servers.yaml'), text);
});
afterEach(async () => {
  await folder.remove();
});

const open = async (env = {}): Promise<FileInventory> =>
  await FileInventory.open({ path: join(folder.path, 'servers.yaml'), env, logger });

test('passwords come from the environment and from files beside the inventory, and are waited for', async () => {
  const inventory = await open({ OPERATOR: 'one' });
  expect(await inventory.credentials('default/shop')).toBeUndefined();
  await writeFile(join(folder.path, 'replication.txt'), 'two\n');
  expect(await inventory.credentials('default/shop')).toMatchObject({
    operator: { user: 'op', password: 'one' },
    replication: { user: 'repl', password: 'two' },
  });
});

test('a change is taken up; a broken file leaves the last good one in force and says why', async () => {
  const inventory = await open();
  expect(await inventory.refresh()).toBe(false);
  await writeFile(join(folder.path, 'servers.yaml'), text.replace('3307', '3308'));
  expect(await inventory.refresh()).toBe(true);
  await writeFile(join(folder.path, 'servers.yaml'), 'clusters: 1\n');
  expect(await inventory.refresh()).toBe(false);
  expect(inventory.problem).toContain('line 1: clusters: ');
  expect(inventory.podFacts('default/shop')).toMatchObject([{ name: 'a', ip: '127.0.0.1', mysqlPort: 3308 }]);
});
