// A jest reporter that leaves a package's counts, and what failed, for the last lines of `npm test`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = join(import.meta.dirname, '../..');

export default class CountReporter {
  constructor(config) {
    this.name = relative(root, config.rootDir).replaceAll('/', '-');
  }

  onRunComplete(_contexts, results) {
    const folder = join(root, 'node_modules/.test-results');
    mkdirSync(folder, { recursive: true });
    const failures = results.testResults
      .filter(({ failureMessage }) => failureMessage)
      .map(({ testFilePath, failureMessage }) => ({
        file: relative(root, testFilePath),
        message: stripVTControlCharacters(failureMessage).trim(),
      }));
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    writeFileSync(
      join(folder, `${this.name}.json`),
      JSON.stringify({ passed: results.numPassedTests, failed, failures }),
    );
  }
}
