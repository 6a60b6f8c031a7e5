import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Output goes to this file (appended) and not to memory; an error quotes its end. */
  readonly logFile?: string;
  /** The command is killed after this time; without it, it may take as long as it likes. */
  readonly timeoutMs?: number;
}

class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly output: string;

  constructor(command: string, reason: string, output: string) {
    const tail = output.trim().split('\n').slice(-15).join('\n');
    super(`${command}: ${reason}${tail === '' ? '' : `\n${tail.replace(/^/gm, '    ')}`}`);
    this.output = output;
  }
}

/** Runs a command to its end and returns what it wrote to stdout; throws a CommandError when it fails. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const log = options.logFile === undefined ? undefined : openSync(options.logFile, 'a');
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', log ?? 'pipe', log ?? 'pipe'],
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: 'SIGKILL' as const }),
  });
  if (log !== undefined) closeSync(log);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  child.stdin?.on('error', () => undefined).end(options.input);

  const shown = [command, ...args].join(' ').slice(0, 200);
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.on('error', (error) => reject(new CommandError(shown, error.message, '')));
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  if (code === 0) return stdout;
  const output = options.logFile === undefined ? stderr || stdout : `see ${options.logFile}`;
  throw new CommandError(shown, signal === null ? `exit code ${code}` : `killed by ${signal}`, output);
}

/** For questions: whether the command succeeded. */
export async function succeeds(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<boolean> {
  try {
    await runCommand(command, args, options);
    return true;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}
