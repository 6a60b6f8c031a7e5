import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { toolPath } from '@pilotfish/testkit';

const mark = 'PILOTFISH_BENCH_OWN_NETWORK';

/** Whether this process has a network namespace that was made for it: nothing it does to packets touches the machine's. */
export const hasOwnNetwork = (): boolean => process.env[mark] === '1';

/** Runs this very command again in a network namespace of its own, which ends with it. Resolves with its exit code. */
export async function againInOwnNetwork(program: string): Promise<number> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new RangeError('this bench makes network namespaces: it needs Linux, and root');
  }
  // From there nothing can be fetched.
  await toolPath('mysqld');
  const [node, runner = '', ...args] = process.argv;
  const command = ['unshare', '--net', node ?? '', ...process.execArgv, runner, program, ...args];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    stdio: 'inherit',
    env: { ...process.env, [mark]: '1' },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
