// Starts src/main.ts on a machine that has nothing but Node: installs the workspace's dependencies first.
import { ensureDependencies } from '../build/dependencies.mjs';

// `up` builds the whole workspace and needs it as the lockfile says. The other commands are called often, by tests and
// scripts that read their output: any installed state will do for them.
if (process.argv[2] === 'up' || !canRun()) ensureDependencies();
const { register } = await import('tsx/esm/api');
register();
await import(new URL('src/main.ts', import.meta.url).href);

function canRun() {
  try {
    import.meta.resolve('tsx/esm/api');
    return true;
  } catch {
    return false;
  }
}
