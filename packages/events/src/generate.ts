import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { referencePage } from './reference-page.ts';

/** Writes docs/reference/events.md; with `--check` it only says whether the page is up to date (exit 1 when not). */

const page = fileURLToPath(new URL('../../../docs/reference/events.md', import.meta.url));
const wanted = referencePage();

if (process.argv.includes('--check')) {
  const present = await readFile(page, 'utf8').catch(() => '');
  if (present !== wanted) {
    console.error('docs/reference/events.md is not what packages/events describes: run its `generate` script');
    process.exitCode = 1;
  }
} else {
  await writeFile(page, wanted);
}
