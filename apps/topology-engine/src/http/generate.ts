import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@pilotfish/service';
import { routesOf } from './api.ts';
import { referencePage } from './api-reference.ts';
import type { Engine } from './engine.ts';
import { Idempotency } from './idempotency.ts';
import { openApiDocument } from './openapi.ts';
import { defaultStreamLimits, Streams } from './routes/stream.ts';

/** Writes docs/reference/openapi.json and api.md; with `--check` it only says whether they are up to date (exit 1 when not). */

const nobody: Engine = {
  name: '',
  keys: () => [],
  cluster: () => undefined,
  locate: () => ({ kind: 'nobody', why: '' }),
};
const routes = routesOf(nobody, new Streams(nobody, defaultStreamLimits), new Idempotency(systemClock));
const files = [
  ['openapi.json', `${JSON.stringify(openApiDocument(routes), undefined, 2)}\n`],
  ['api.md', referencePage(routes)],
] as const;

for (const [name, wanted] of files) {
  const path = fileURLToPath(new URL(`../../../../docs/reference/${name}`, import.meta.url));
  if (!process.argv.includes('--check')) {
    await writeFile(path, wanted);
  } else if ((await readFile(path, 'utf8').catch(() => '')) !== wanted) {
    console.error(`docs/reference/${name} is not what topology-engine's routes describe: run npm run generate`);
    process.exitCode = 1;
  }
}
