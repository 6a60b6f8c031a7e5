import { orchestratorSettings } from './parse-settings.ts';
import type { Fate } from './setting.ts';

/** `docs/reference/orchestrator-settings.md`. */
export function orchestratorSettingsPage(): string {
  const entries = Object.entries(orchestratorSettings);
  const honoured = entries.flatMap(([name, fate]) => (fate.fate === 'honoured' ? [[name, fate.effect]] : []));
  const refused = entries.flatMap(([name, fate]) =>
    fate.fate === 'refused' ? [[name, accepted(fate), fate.because]] : [],
  );
  return [
    "# Orchestrator's settings",
    '',
    'Generated from `packages/api/src/orchestrator`, which topology-engine reads them with: do not edit.',
    '',
    'The value `orchestrator.config` of the chart takes a configuration of Orchestrator as the old chart did. What it says holds for all',
    'clusters whose own `spec.replication.failover` says nothing else, and is taken up within a minute of a change. A setting that',
    'Orchestrator does not have, or a value that it does not take, is refused: by the chart, and by topology-engine, which does not start and',
    'names it. What is changed to something wrong while it runs is logged, and what held before goes on.',
    '',
    '## Honoured',
    '',
    ...table(['setting', 'here'], honoured),
    '## Refused',
    '',
    'Something outside would wait for what does not happen.',
    '',
    ...table(['setting', 'accepted values', 'because'], refused),
    '## Accepted, without a meaning here',
    '',
    ...table(['settings', 'because'], grouped(entries)),
  ].join('\n');
}

const accepted = ({ unless }: Extract<Fate, { fate: 'refused' }>): string =>
  [...unless.map((value) => JSON.stringify(value)), '[]'].map((text) => `\`${text}\``).join(', ');

/** Settings with the same reason in one row. */
function grouped(entries: readonly (readonly [string, Fate])[]): string[][] {
  const byReason = new Map<string, string[]>();
  for (const [name, fate] of entries) {
    if (fate.fate === 'meaningless') byReason.set(fate.because, [...(byReason.get(fate.because) ?? []), name]);
  }
  return [...byReason].map(([because, names]) => [names.join('`, `'), because]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const body = rows.map(([name = '', ...cells]) => line([`\`${name}\``, ...cells]));
  return [line(head), line(head.map(() => '---')), ...body, ''];
}
