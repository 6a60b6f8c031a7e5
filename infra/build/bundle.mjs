// Bundles the app of the current folder into dist/main.js, so that an image needs no node_modules. An app of several commands names the
// others as arguments (NAME=FILE): each becomes dist/NAME.js. What they share, and what is loaded only when it is needed, are files of
// their own. node keeps some three times the size of a loaded file in memory: hence small, with names kept for stack traces.
import { rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

// Some libraries are CommonJS and call require, which an ES module does not have.
const banner =
  "import { createRequire as pilotfishRequire } from 'node:module'; const require = pilotfishRequire(import.meta.url);";

const others = process.argv.slice(2).map((argument) => argument.split('='));
await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: { main: 'src/main.ts', ...Object.fromEntries(others) },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  conditions: ['@pilotfish/source'],
  banner: { js: banner },
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
});
await writeFile('dist/package.json', '{"type":"module"}\n');
