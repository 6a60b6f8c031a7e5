import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { podCredentials } from './pod-credentials.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilotfish-account-'));
  await writeFile(join(folder, 'ca.crt'), 'authority');
  await writeFile(join(folder, 'token'), 'first\n');
});
afterEach(() => rm(folder, { recursive: true }));

const authorization = async (source: ReturnType<typeof podCredentials>) => (await source?.())?.headers.Authorization;

describe('the service account of the pod', () => {
  test.each([
    [{ KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '6443' }, 'https://10.96.0.1:6443'],
    [{ KUBERNETES_SERVICE_HOST: 'fd00::1' }, 'https://[fd00::1]:443'],
  ])('%j', async (environment, origin) => {
    const credentials = await podCredentials(environment, folder)?.();
    expect(credentials).toMatchObject({ origin, basePath: '', tls: { ca: Buffer.from('authority') } });
  });

  test('a token that was replaced is in the next answer', async () => {
    const source = podCredentials({ KUBERNETES_SERVICE_HOST: '10.96.0.1' }, folder);
    expect(await authorization(source)).toBe('Bearer first');
    await writeFile(join(folder, 'token'), 'second\n');
    expect(await authorization(source)).toBe('Bearer second');
  });

  test('outside of pods there is none', () => {
    expect(podCredentials({}, folder)).toBeUndefined();
  });
});
