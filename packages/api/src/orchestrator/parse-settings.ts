import { honouredSettings } from './honoured-settings.ts';
import { otherSettings } from './other-settings.ts';
import type { Fate, OrchestratorSettings } from './setting.ts';

/** Every setting of Orchestrator, and what becomes of it. */
export const orchestratorSettings: Readonly<Record<string, Fate>> = { ...honouredSettings, ...otherSettings };

export interface SettingProblem {
  readonly setting: string;
  /** A sentence without its subject, which is the setting. */
  readonly message: string;
}

export type ParsedSettings =
  | {
      readonly ok: true;
      readonly settings: OrchestratorSettings;
      /** Settings that were given and change nothing. */
      readonly meaningless: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] };

/** Reads a configuration of Orchestrator: `{ Setting: value }`. Never throws. */
export function parseOrchestratorConfig(config: Readonly<Record<string, unknown>>): ParsedSettings {
  const problems: SettingProblem[] = [...contradictions(config)];
  const meaningless: string[] = [];
  let settings: OrchestratorSettings = {};
  for (const [setting, value] of Object.entries(config)) {
    const fate = Object.hasOwn(orchestratorSettings, setting) ? orchestratorSettings[setting] : undefined;
    if (!fate) problems.push({ setting, message: unknownSetting(setting) });
    else if (fate.fate === 'meaningless') meaningless.push(setting);
    else if (fate.fate === 'refused') {
      const changesNothing = fate.unless.includes(value) || (Array.isArray(value) && value.length === 0);
      if (!changesNothing) problems.push({ setting, message: `is refused: ${fate.because}` });
    } else {
      const parsed = fate.schema.safeParse(value);
      if (parsed.success) settings = merge(settings, parsed.data, setting);
      else problems.push(...parsed.error.issues.map(({ message }) => ({ setting, message })));
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, settings, meaningless };
}

/** Seconds win over minutes; hooks add up. */
function merge(settings: OrchestratorSettings, more: OrchestratorSettings, setting: string): OrchestratorSettings {
  const hooks = [...(settings.hooks ?? []), ...(more.hooks ?? [])];
  const merged = setting === 'RecoveryPeriodBlockMinutes' ? { ...more, ...settings } : { ...settings, ...more };
  return hooks.length === 0 ? merged : { ...merged, hooks };
}

function contradictions(config: Readonly<Record<string, unknown>>): SettingProblem[] {
  const setting = 'DelayMasterPromotionIfSQLThreadNotUpToDate';
  if (config[setting] !== true || config.FailMasterPromotionIfSQLThreadNotUpToDate !== true) return [];
  return [{ setting, message: 'and FailMasterPromotionIfSQLThreadNotUpToDate exclude each other' }];
}

function unknownSetting(setting: string): string {
  const likely = Object.keys(orchestratorSettings).find((name) => name.toLowerCase() === setting.toLowerCase());
  return `is no setting of Orchestrator${likely === undefined ? '' : `; did you mean ${likely}?`}`;
}
