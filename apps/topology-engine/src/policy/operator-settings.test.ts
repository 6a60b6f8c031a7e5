import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLogger, parseConfig } from '@pilotfish/service';
import { configSchema } from '../config.ts';
import { OperatorSettings, problemLines, readOperatorSettings } from './operator-settings.ts';

const logger = createLogger({ service: 'test', level: 'fatal', pod: 'test' });

describe("the operator's settings", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'settings-'));
    path = join(folder, 'config.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (text: string): void => writeFileSync(path, text);

  test('without a file there are none', () => {
    expect(new OperatorSettings('', logger).current).toEqual({});
  });

  test('a change of the file holds from the next look on', () => {
    write('{"RecoveryPeriodBlockSeconds": 60}');
    const settings = new OperatorSettings(path, logger);
    expect(settings.current).toEqual({ recoveryBlockSeconds: 60 });
    write('{"RecoveryPeriodBlockSeconds": 90}');
    settings.refresh();
    expect(settings.current).toEqual({ recoveryBlockSeconds: 90 });
  });

  test('with the file its settings go', () => {
    write('{"RecoveryPeriodBlockSeconds": 60}');
    const settings = new OperatorSettings(path, logger);
    rmSync(path);
    settings.refresh();
    expect(settings.current).toEqual({});
  });

  test('a file that becomes wrong changes nothing', () => {
    write('{"RecoveryPeriodBlockSeconds": 60}');
    const settings = new OperatorSettings(path, logger);
    for (const wrong of ['{"RecoveryPeriodBlockSeconds": "x"}', '{"Nothing": 1}', '[]', '{', '']) {
      write(wrong);
      settings.refresh();
      expect(settings.current).toEqual({ recoveryBlockSeconds: 60 });
    }
  });

  test.each([
    ['{"RecoverEverything": true}', /^RecoverEverything is no setting of Orchestrator$/],
    ['[1]', /is no JSON object of settings/],
    ['{', /JSON/],
  ])('of %s it is said what is wrong', (text, message) => {
    write(text);
    expect(problemLines(readOperatorSettings(path)).join('\n')).toMatch(message);
  });

  test('an engine with a setting that nobody knows does not start, and names it', () => {
    write('{"RecoverEverything": true}');
    const environment = { POD_NAME: 'engine-0', POD_NAMESPACE: 'system', PILOTFISH_ORCHESTRATOR_CONFIG: path };
    expect(() => parseConfig(configSchema, environment)).toThrow(/RecoverEverything is no setting of Orchestrator/);
  });
});
