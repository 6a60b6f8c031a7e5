// A jest reporter that leaves a package's counts for the last line of `npm test`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '../..');

export default class CountReporter {
  constructor(config) {
    this.name = relative(root, config.rootDir).replaceAll('/', '-');
  }

  onRunComplete(_contexts, results) {
    const folder = join(root, 'node_modules/.test-results');
    mkdirSync(folder, { recursive: true });
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    writeFileSync(join(folder, `${this.name}.json`), JSON.stringify({ passed: results.numPassedTests, failed }));
  }
}
