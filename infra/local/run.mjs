// Starts src/main.ts on a machine that has nothing but Node: installs the workspace's dependencies first when they are missing or changed.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureDependencies, haveDependencies } from '../build/dependencies.mjs';

// These two are called by scripts, often and with their output parsed: any installed state will do for them.
const quick = ['kubeconfig', 'kubectl'].includes(process.argv[2] ?? '');

if (!quick || !haveDependencies()) ensureDependencies();
const { register } = await import('tsx/esm/api');
register();
await import(pathToFileURL(join(import.meta.dirname, 'src/main.ts')).href);
