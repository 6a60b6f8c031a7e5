import { baseOptions, type ConfOption, mysqlPaths, repeatable } from './base-options.ts';
import { computedOptions, type InstanceSize } from './computed-options.ts';
import { canonicalName } from './option-name.ts';
import { retire } from './retired-options.ts';

export interface RenderedConf {
  readonly text: string;
  /** One sentence for each option of the user that this version of mysqld no longer has. */
  readonly remarks: readonly string[];
}

/**
 * my.cnf: one `[mysqld]` section of the operator's options, the computed ones and the user's, then the files that
 * the init container writes for the one instance. A user's value takes the place of ours. Deterministic: its hash
 * decides about restarts.
 */
export function renderMyCnf(size: InstanceSize, mysqlConf: Readonly<Record<string, string | number>>): RenderedConf {
  const lines = new Map<string, ConfOption[]>();
  for (const option of [...baseOptions(size.version), ...computedOptions(size)]) add(lines, option, 'append');
  const { options, remarks } = userOptions(size, mysqlConf);
  for (const option of options) add(lines, option, repeatable.has(canonicalName(option.name)) ? 'append' : 'replace');
  const section = [...lines.values()].flat().map(renderOption);
  return { text: ['[mysqld]', ...section, '', `!includedir ${mysqlPaths.conf}/conf.d`, ''].join('\n'), remarks };
}

function add(lines: Map<string, ConfOption[]>, option: ConfOption, how: 'append' | 'replace'): void {
  const name = canonicalName(option.name);
  const before = how === 'append' ? (lines.get(name) ?? []) : [];
  lines.set(name, [...before, option]);
}

function renderOption({ name, value }: ConfOption): string {
  return value === undefined ? name : `${name} = ${value}`;
}

function userOptions(size: InstanceSize, mysqlConf: Readonly<Record<string, string | number>>) {
  const options: ConfOption[] = [];
  const remarks: string[] = [];
  const byName = Object.entries(mysqlConf).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, value] of byName) {
    const canonical = canonicalName(name);
    const retired = retire(canonical, value, size.version);
    switch (retired.kind) {
      case 'current':
        options.push({ name: currentSpelling(name, canonical), value: String(value) });
        break;
      case 'replaced':
        options.push(retired.by);
        remarks.push(
          `mysqlConf.${name} is set as ${renderOption(retired.by)}, which took its place in this version of MySQL.`,
        );
        break;
      case 'dropped':
        remarks.push(`mysqlConf.${name} is left out, this version of MySQL does not have it: remove it.`);
        break;
    }
  }
  return { options, remarks };
}

/** The user's own spelling, in the lower case that mysqld insists on, but for words that newer versions have renamed. */
function currentSpelling(name: string, canonical: string): string {
  const lower = name.toLowerCase();
  const same = lower.replaceAll('_', '-').replace(/^loose-/, '') === canonical;
  if (same) return lower;
  return /^loose[-_]/.test(lower) ? `loose-${canonical}` : canonical;
}
