import { existsSync, readFileSync } from 'node:fs';
import { type OrchestratorSettings, type ParsedSettings, parseOrchestratorConfig } from '@pilotfish/api';
import { type Logger, messageOf } from '@pilotfish/service';
import { z } from 'zod';

const config = z.record(z.string(), z.unknown(), { error: 'is no JSON object of settings' });

/**
 * Reads `{ Setting: value }` from a JSON file. One that is not there says nothing: a ConfigMap may come and go. Never
 * throws: a file that can't be read is a problem like any other.
 */
export function readOperatorSettings(path: string): ParsedSettings {
  if (!existsSync(path)) return parseOrchestratorConfig({});
  try {
    const parsed = config.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (parsed.success) return parseOrchestratorConfig(parsed.data);
    return problem(path, parsed.error.issues.map(({ message }) => message).join('; '));
  } catch (error: unknown) {
    return problem(path, messageOf(error));
  }
}

const problem = (setting: string, message: string): ParsedSettings => ({ ok: false, problems: [{ setting, message }] });

/** One line a problem. */
export const problemLines = (parsed: ParsedSettings): string[] =>
  parsed.ok ? [] : parsed.problems.map(({ setting, message }) => `${setting} ${message}`);

/**
 * The operator's settings, from a file that Kubernetes changes in place: a change holds from the next look on. A file
 * that becomes wrong is told once, and what held before goes on.
 */
export class OperatorSettings {
  readonly #path: string;
  readonly #logger: Logger;
  #current: OrchestratorSettings = {};
  #told = '';

  /** @param path empty, or of a file that is not there: there are none */
  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
    this.refresh();
  }

  get current(): OrchestratorSettings {
    return this.#current;
  }

  refresh(): void {
    const parsed = readOperatorSettings(this.#path);
    if (parsed.ok) this.#current = parsed.settings;
    const problems = problemLines(parsed);
    const text = JSON.stringify(parsed);
    if (text === this.#told) return;
    this.#told = text;
    if (parsed.ok) this.#logger.info({ meaningless: parsed.meaningless }, "the operator's settings are read");
    else this.#logger.error({ problems }, "the operator's settings are wrong; what held before goes on");
  }
}
