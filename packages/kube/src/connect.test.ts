import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tempFolder } from '@pilotfish/testkit';
import { connectKubeOrExit } from './connect.ts';

class Exit extends Error {}

async function outcome(kubeconfig: string): Promise<{ code: number | undefined; said: string }> {
  let code: number | undefined;
  let said = '';
  const host = {
    printError: (text: string) => {
      said += text;
    },
    exit: (given: number): never => {
      code = given;
      throw new Exit();
    },
  };
  const client = await connectKubeOrExit({ userAgent: 'test', kubeconfig }, host).catch((error: unknown) => {
    if (!(error instanceof Exit)) throw error;
  });
  await client?.close();
  return { code, said };
}

test('a service that can not find its cluster says so and ends with exit code 2', async () => {
  const folder = await tempFolder('connect');
  const missing = join(folder.path, 'kubeconfig');
  expect(await outcome(missing)).toEqual({ code: 2, said: expect.stringContaining(missing) });
  await folder.remove();
});
