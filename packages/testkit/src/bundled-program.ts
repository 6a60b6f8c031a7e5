import { build } from 'esbuild';

/** Makes one file of a TypeScript program of the workspace, as in its image: it begins in a moment, as often as it is started. */
export async function bundledProgram(entry: string, outfile: string): Promise<string> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    conditions: ['@pilotfish/source'],
    // Some libraries are CommonJS and call require, which an ES module does not have.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  return outfile;
}
