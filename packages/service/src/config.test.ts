import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { ConfigError, loadConfig, maskSecrets, parseConfig } from './config.ts';
import { duration, flag, integer, json, port, secret, serviceVariables } from './variables.ts';
import { describeVariables } from './variables-table.ts';

const schema = z.object({
  ...serviceVariables,
  PILOTFISH_POLL: duration().default(15_000).describe('time between two polls'),
  PILOTFISH_DRY_RUN: flag().default(false).describe('change nothing'),
  PILOTFISH_WORKERS: integer({ min: 1, max: 64 }).default(4).describe('reconciles at a time'),
  PILOTFISH_IMAGES: json(z.record(z.string(), z.string())).default({}).describe('image by version'),
  PILOTFISH_PASSWORD: secret().optional().describe('password at the bus'),
  PILOTFISH_NAME: z.string().describe('own name'),
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'service-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    parseConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('configuration', () => {
  test('is read from the environment, empty meaning unset', () => {
    const config = parseConfig(schema, {
      PILOTFISH_NAME: 'a',
      PILOTFISH_POLL: '1m30s',
      PILOTFISH_DRY_RUN: 'true',
      PILOTFISH_WORKERS: '',
      PILOTFISH_IMAGES: '{"9.7.4":"mysql:9.7.4"}',
      UNRELATED: 'x',
    });
    expect(config).toEqual({
      PILOTFISH_LOG_LEVEL: 'info',
      PILOTFISH_OPS_PORT: 8081,
      POD_NAME: '',
      POD_NAMESPACE: '',
      PILOTFISH_NAME: 'a',
      PILOTFISH_POLL: 90_000,
      PILOTFISH_DRY_RUN: true,
      PILOTFISH_WORKERS: 4,
      PILOTFISH_IMAGES: { '9.7.4': 'mysql:9.7.4' },
    });
  });

  test('reports all problems at once, naming the variables', () => {
    expect(
      problemsOf({
        PILOTFISH_POLL: '15',
        PILOTFISH_DRY_RUN: 'yes',
        PILOTFISH_WORKERS: '65',
        PILOTFISH_OPS_PORT: '80a',
        PILOTFISH_IMAGES: '{',
        PILOTFISH_PASSWORD_FILE: join(folder, 'missing'),
      }),
    ).toEqual([
      expect.stringContaining('PILOTFISH_PASSWORD_FILE: ENOENT'),
      'PILOTFISH_OPS_PORT: expected a whole number',
      'PILOTFISH_POLL: expected a duration such as 15s or 1m30s',
      expect.stringContaining('PILOTFISH_DRY_RUN: '),
      expect.stringContaining('PILOTFISH_WORKERS: '),
      'PILOTFISH_IMAGES: expected JSON',
      'PILOTFISH_NAME: required, but not set',
    ]);
  });

  test('takes a secret from a file, without its last newline, and masks it', () => {
    const path = join(folder, 'password');
    writeFileSync(path, 's3cret\n');
    const config = parseConfig(schema, { PILOTFISH_NAME: 'a', PILOTFISH_PASSWORD_FILE: path });
    expect(config.PILOTFISH_PASSWORD).toBe('s3cret');
    expect(maskSecrets(schema, config)).toMatchObject({ PILOTFISH_PASSWORD: '***', PILOTFISH_NAME: 'a' });
  });

  test('refuses a secret given twice', () => {
    const env = { PILOTFISH_NAME: 'a', PILOTFISH_PASSWORD: 'x', PILOTFISH_PASSWORD_FILE: '/x' };
    expect(problemsOf(env)).toEqual([
      'PILOTFISH_PASSWORD_FILE: set together with PILOTFISH_PASSWORD; give one of them',
    ]);
  });

  test('ends the process with exit code 2 when it is bad and with 0 after --help', () => {
    const printed: string[] = [];
    const host = (argv: string[]) => ({
      argv,
      print: (text: string) => printed.push(`out ${text}`),
      printError: (text: string) => printed.push(`err ${text}`),
      exit: (code: number): never => {
        throw new Error(`exit ${code}`);
      },
    });
    expect(() => loadConfig(schema, {}, host([]))).toThrow('exit 2');
    expect(printed).toEqual(['err bad configuration:\n  PILOTFISH_NAME: required, but not set\n']);
    expect(() => loadConfig(schema, {}, host(['--help']))).toThrow('exit 0');
    expect(printed[1]).toContain(describeVariables(schema));
  });

  test('has a table of its variables', () => {
    const table = describeVariables(schema);
    expect(table).toMatch(/^PILOTFISH_POLL +15s +time between two polls$/m);
    expect(table).toMatch(/^PILOTFISH_PASSWORD\[_FILE\] +- +password at the bus$/m);
    expect(table).toMatch(/^PILOTFISH_NAME +required +own name$/m);
    expect(table).toMatch(/^PILOTFISH_OPS_PORT +8081 +port of/m);
    expect(table).toMatch(/^PILOTFISH_DRY_RUN +false +change nothing$/m);
  });

  test('refuses port numbers that are none', () => {
    expect(port().safeParse('65536').success).toBe(false);
    expect(port().safeParse('-1').success).toBe(false);
  });
});
