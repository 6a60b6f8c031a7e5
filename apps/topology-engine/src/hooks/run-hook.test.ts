import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hookPlaceholders, parseOrchestratorConfig } from '@pilotfish/api';
import { eventually } from '@pilotfish/testkit';
import { hostOfPod } from '../inventory.ts';
import { type Hook, hooksText, plainHooks } from './hook.ts';
import type { HookFacts } from './placeholders.ts';
import { runHook } from './run-hook.ts';

const facts: HookFacts = {
  moment: 'after-failover',
  namespace: 'shop',
  cluster: 'orders',
  epoch: 4,
  kind: 'failover',
  state: 'PrimaryDead',
  reason: 'orders-mysql-0 refuses; $(touch /tmp/x) "quoted"',
  from: 'orders-mysql-0',
  to: 'orders-mysql-1',
  replicas: ['orders-mysql-2'],
  hosts: Object.fromEntries(
    [0, 1, 2].map((ordinal) => {
      const name = `orders-mysql-${String(ordinal)}`;
      return [name, hostOfPod('shop/orders', name)];
    }),
  ),
  ok: true,
  inDowntime: false,
  recoverPrimary: true,
  recoverIntermediatePrimary: true,
  engine: 'engine-0',
};

describe('a hook', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hooks-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A program of a user: a script that is run by its first line. */
  function program(lines: string): string {
    const path = join(folder, 'hook.sh');
    writeFileSync(path, `#!/bin/sh\n${lines}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  const hook = (command: readonly string[], change: Partial<Hook> = {}): Hook => ({
    on: 'after-failover',
    command,
    timeoutMs: 5_000,
    veto: false,
    ...change,
  });

  test('gets the facts as JSON, its placeholders filled in, and no shell between', async () => {
    const out = join(folder, 'out');
    const path = program(`cat > ${out}.json; printf '%s\\n' "$@" > ${out}; env > ${out}.env`);
    const command = [path, '{failureCluster}', 'to={successorHost}:{successorPort}', '{failureDescription}', '{other}'];
    process.env.SECRET_OF_THE_ENGINE = 'x';
    expect(await runHook(hook(command), facts)).toEqual({ ok: true });
    expect(JSON.parse(readFileSync(`${out}.json`, 'utf8'))).toEqual(facts);
    expect(readFileSync(out, 'utf8').split('\n')).toEqual([
      'orders.shop',
      'to=orders-mysql-1.mysql.shop:3306',
      facts.reason,
      '{other}',
      '',
    ]);
    const environment = readFileSync(`${out}.env`, 'utf8');
    expect(environment).toContain('ORC_FAILED_HOST=orders-mysql-0.mysql.shop\n');
    expect(environment).toContain('ORC_RECOVERY_UID=failover-4\n');
    expect(environment).not.toContain('SECRET_OF_THE_ENGINE');
  });

  test('every placeholder of Orchestrator has a value', async () => {
    const out = join(folder, 'out');
    const path = program(`printf '%s\\n' "$@" > ${out}`);
    await runHook(hook([path, ...hookPlaceholders.map((name) => `${name}={${name}}`)]), facts);
    expect(readFileSync(out, 'utf8')).not.toMatch(/[{}]/);
  });

  test('that fails says how', async () => {
    const path = program('echo no such channel >&2; exit 3');
    expect(await runHook(hook([path]), facts)).toEqual({ ok: false, reason: `${path} ended with 3 no such channel` });
  });

  test('that is not there fails', async () => {
    const outcome = await runHook(hook([join(folder, 'nothing')]), facts);
    expect(outcome).toMatchObject({ ok: false });
  });

  test('that does not read what it is told and ends at once is fine', async () => {
    const long = { ...facts, reason: 'x'.repeat(100_000) };
    expect(await runHook(hook(['/bin/true']), long)).toEqual({ ok: true });
  });

  test('whose arguments no system takes fails', async () => {
    const endless = { ...facts, reason: 'x'.repeat(1_000_000) };
    expect(await runHook(hook(['/bin/true']), endless)).toEqual({ ok: false, reason: 'spawn E2BIG' });
  });

  test('that hangs is killed when its time is over, with what it started', async () => {
    const pidFile = join(folder, 'pid');
    const path = program(`sleep 600 & echo $! > ${pidFile}.tmp; mv ${pidFile}.tmp ${pidFile}; trap '' TERM; wait`);
    const at = performance.now();
    const outcome = await runHook(hook([path], { timeoutMs: 1_500 }), facts);
    expect(outcome).toEqual({ ok: false, reason: `${path} was not done within 1500 ms` });
    expect(performance.now() - at).toBeLessThan(5_000);
    const child = Number(readFileSync(pidFile, 'utf8'));
    await eventually(() => hasEnded(child), { deadlineMs: 20_000, describe: 'what the hook started to end' });
  }, 20_000);
});

/** Gone, or a zombie that nobody has collected. */
function hasEnded(pid: number): boolean {
  const stat = `/proc/${String(pid)}/stat`;
  return !existsSync(stat) || /\) Z /.test(readFileSync(stat, 'utf8'));
}

describe('the list of hooks', () => {
  test('is read with its defaults', () => {
    const text = JSON.stringify([
      { on: 'after-failover', command: ['/hooks/tell', '{successorHost}'] },
      { on: 'before-failover', command: ['/hooks/may'], timeoutSeconds: 0.5, veto: true },
    ]);
    expect(hooksText.parse(text)).toEqual([
      { on: 'after-failover', command: ['/hooks/tell', '{successorHost}'], timeoutMs: 5_000, veto: false },
      { on: 'before-failover', command: ['/hooks/may'], timeoutMs: 500, veto: true },
    ]);
  });

  test('takes those of Orchestrator', () => {
    const parsed = parseOrchestratorConfig({ PreFailoverProcesses: [['/hooks/may', '{failedHost}']] });
    expect(parsed.ok ? plainHooks(parsed.settings) : []).toEqual([
      { on: 'before-failover', command: ['/hooks/may', '{failedHost}'], timeoutMs: 5_000, veto: false },
    ]);
  });

  test.each([
    ['no JSON', '[', /expected array/i],
    [
      'a shell line',
      '[{"on":"after-failover","command":"echo x"}]',
      /hook 0\.command is a list of program and arguments/,
    ],
    ['a program by its name', '[{"on":"after-failover","command":["echo"]}]', /'echo' is no absolute path/],
    ['an unknown placeholder', '[{"on":"after-failover","command":["/x","{who}"]}]', /\{who\} is no placeholder/],
    ['an unknown moment', '[{"on":"later","command":["/x"]}]', /hook 0\.on/],
    ['a veto afterwards', '[{"on":"after-failover","command":["/x"],"veto":true}]', /only a before- hook can veto/],
    ['no end', '[{"on":"after-failover","command":["/x"],"timeoutSeconds":3600}]', /hook 0\.timeoutSeconds/],
    ['a misspelt key', '[{"on":"after-failover","command":["/x"],"timeout":3}]', /timeout/],
  ])('refuses %s', (_what, text, message) => {
    const parsed = hooksText.safeParse(text);
    expect(parsed.error?.issues.map((issue) => issue.message).join('\n')).toMatch(message);
  });
});
