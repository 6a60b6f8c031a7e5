// Bundles the app of the current folder into dist/main.js: one file, so that an image needs no node_modules.
import { mkdir, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

// Some libraries are CommonJS and call require, which an ES module does not have.
const banner =
  "import { createRequire as pilotfishRequire } from 'node:module'; const require = pilotfishRequire(import.meta.url);";

await build({
  entryPoints: ['src/main.ts'],
  outfile: 'dist/main.js',
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
