/**
 * Writes what is generated from the schema: the CRD and the admission policy of the chart `crds`, and the reference
 * pages. With --check it writes nothing and exits 1 when a file is not what it would write.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { crdTemplate, policyTemplate } from './chart-templates.ts';
import { orchestratorSettingsPage } from './orchestrator/settings-page.ts';
import { referencePage } from './reference.ts';

const root = resolve(import.meta.dirname, '../../..');
const templates = 'infra/helm/pilotfish/charts/crds/templates';

const files = new Map([
  [`${templates}/mysqlcluster.generated.yaml`, crdTemplate()],
  [`${templates}/host-name-policy.generated.yaml`, policyTemplate()],
  ['docs/reference/mysqlcluster.md', referencePage()],
  ['docs/reference/orchestrator-settings.md', orchestratorSettingsPage()],
]);

const isCheck = process.argv.includes('--check');
const outdated: string[] = [];
for (const [path, content] of files) {
  const file = resolve(root, path);
  const current = await readFile(file, 'utf8').catch(() => undefined);
  if (current === content) continue;
  outdated.push(path);
  if (isCheck) continue;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

for (const path of outdated) console.log(isCheck ? `out of date: ${path}` : `wrote ${path}`);
if (isCheck && outdated.length > 0) {
  console.log('run: npx turbo run generate (or: npx tsx packages/api/src/generate.ts)');
  process.exitCode = 1;
}
