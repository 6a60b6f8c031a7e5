import { readFileSync } from 'node:fs';
import type * as z from 'zod';
import { messageOf } from './error-message.ts';
import { type ConfigSchema, describeVariables, isSecret } from './variables-table.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything that is wrong with the environment, one line a problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`bad configuration:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * The schema's keys are the names of environment variables. An empty variable counts as unset; secrets may
 * come from files (`X_FILE`). Throws one ConfigError with all problems.
 */
export function parseConfig<S extends ConfigSchema>(schema: S, env: Environment): z.output<S> {
  const problems: string[] = [];
  const input: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const text = readVariable(name, isSecret(schema.shape[name]), env, problems);
    if (text !== undefined) input[name] = text;
  }
  const parsed = schema.safeParse(input);
  const reported = new Set(problems.map((problem) => problem.split(':', 1)[0]));
  for (const issue of parsed.error?.issues ?? []) {
    const name = issue.path.map(String).join('.');
    if (reported.has(`${name}_FILE`)) continue;
    const missing = issue.code === 'invalid_type' && input[name] === undefined;
    problems.push(`${name || 'configuration'}: ${missing ? 'required, but not set' : issue.message}`);
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return parsed.data;
}

function readVariable(name: string, secret: boolean, env: Environment, problems: string[]): string | undefined {
  const direct = env[name] || undefined;
  const path = secret ? env[`${name}_FILE`] || undefined : undefined;
  if (path === undefined) return direct;
  if (direct !== undefined) {
    problems.push(`${name}_FILE: set together with ${name}; give one of them`);
    return undefined;
  }
  try {
    // Files made by people and by editors end in a newline that is no part of the secret.
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    problems.push(`${name}_FILE: ${messageOf(error)}`);
    return undefined;
  }
}

export interface LoadConfigHost {
  readonly argv?: readonly string[];
  readonly print?: (text: string) => void;
  readonly printError?: (text: string) => void;
  readonly exit?: (code: number) => never;
}

/**
 * `parseConfig` for a process: problems go to standard error and end it with exit code 2; `--help` prints the table of
 * variables and ends it with 0.
 */
export function loadConfig<S extends ConfigSchema>(
  schema: S,
  env: Environment,
  host: LoadConfigHost = {},
): z.output<S> {
  const {
    argv = process.argv.slice(2),
    print = (text: string) => process.stdout.write(text),
    printError = (text: string) => process.stderr.write(text),
    exit = (code: number) => process.exit(code),
  } = host;
  if (argv.includes('--help')) {
    print(`Environment variables:\n\n${describeVariables(schema)}`);
    return exit(0);
  }
  try {
    return parseConfig(schema, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    printError(`${error.message}\n`);
    return exit(2);
  }
}

/** The configuration as it may be logged: secrets masked. */
export function maskSecrets<S extends ConfigSchema>(schema: S, config: z.output<S>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, isSecret(schema.shape[name]) && value ? '***' : value]),
  );
}
