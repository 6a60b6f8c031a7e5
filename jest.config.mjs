import { join } from 'node:path';

/** One configuration for every package: native ESM, TypeScript read from its source. */
export default {
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@pilotfish/source', 'node', 'node-addons'] },
  testMatch: ['**/src/**/*.test.ts'],
  maxWorkers: 1,
  // A test is no measurement of time: what must come within a time says so itself.
  testTimeout: 30_000,
  reporters: ['default', join(import.meta.dirname, 'infra/build/count-reporter.mjs')],
};
