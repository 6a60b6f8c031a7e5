import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { withPlaceholders } from '@pilotfish/api';
import { messageOf } from '@pilotfish/service';
import type { Hook } from './hook.ts';
import { environmentOf, type HookFacts, placeholderValues } from './placeholders.ts';

export type HookOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const maxReasonLength = 500;

/**
 * Runs one hook: without a shell, the facts as JSON on its standard input, and with no more of this process's environment
 * than PATH. It and what it started are killed when its time is over. Never rejects, and never takes longer than the time-out.
 */
export async function runHook(hook: Hook, facts: HookFacts): Promise<HookOutcome> {
  try {
    return await outcomeOf(start(hook, facts), hook);
  } catch (error: unknown) {
    return { ok: false, reason: messageOf(error) };
  }
}

type Running = ChildProcessByStdio<Writable, null, Readable>;

/** @throws when it can't be started, as with arguments that are too long */
function start({ command }: Hook, facts: HookFacts): Running {
  const [program = '', ...rest] = command;
  const values = placeholderValues(facts);
  const child = spawn(
    program,
    rest.map((text) => withPlaceholders(text, values)),
    // A process group of its own: what it starts can be ended with it.
    { env: { PATH: process.env.PATH, ...environmentOf(values) }, stdio: ['pipe', 'ignore', 'pipe'], detached: true },
  );
  // A hook need not read what it is told.
  child.stdin.on('error', () => undefined).end(`${JSON.stringify(facts)}\n`);
  return child;
}

async function outcomeOf(child: Running, { command: [program = ''], timeoutMs }: Hook): Promise<HookOutcome> {
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-maxReasonLength);
  });
  return await new Promise((resolve) => {
    const end = (outcome: HookOutcome): void => {
      clearTimeout(timer);
      killGroup(child);
      resolve(outcome);
    };
    const late = `${program} was not done within ${String(timeoutMs)} ms`;
    const timer = setTimeout(() => end({ ok: false, reason: late }), timeoutMs);
    child.once('error', (error) => end({ ok: false, reason: error.message }));
    child.once('exit', (code, signal) => {
      if (code === 0) end({ ok: true });
      else end({ ok: false, reason: `${program} ended with ${String(code ?? signal)} ${said.trim()}`.trim() });
    });
  });
}

function killGroup({ pid }: Running): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}
