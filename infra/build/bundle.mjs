// Bundles the app of the current folder into dist/main.js, so that an image needs no node_modules. An app of several commands names the
// others as arguments (NAME=FILE): each becomes dist/NAME.js, and what they share a file of its own.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

// Some libraries are CommonJS and call require, which an ES module does not have.
const banner =
  "import { createRequire as pilotfishRequire } from 'node:module'; const require = pilotfishRequire(import.meta.url);";

const others = process.argv.slice(2).map((argument) => argument.split('='));
await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: { main: 'src/main.ts', ...Object.fromEntries(others) },
  outdir: 'dist',
  splitting: others.length > 0,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  conditions: ['@pilotfish/source'],
  banner: { js: banner },
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
});
await mkdir('dist', { recursive: true });
await writeFile('dist/package.json', '{"type":"module"}\n');
