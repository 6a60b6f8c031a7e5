// Runs a TypeScript program of the workspace: node infra/build/program.mjs PROGRAM [ARGUMENT ...]
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureDependencies, root } from './dependencies.mjs';

ensureDependencies();
const [program] = process.argv.splice(2, 1);
const { register } = await import('tsx/esm/api');
register();
await import(pathToFileURL(join(root, program)).href);
