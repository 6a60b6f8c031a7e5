import { expect, test } from '@jest/globals';
import { catalogue } from './catalogue.ts';
import { referencePage } from './reference-page.ts';

test('the reference page names every event and every field of its payload', () => {
  const page = referencePage();
  for (const row of catalogue) {
    expect(page).toContain(`\n### ${row.name}\n`);
    for (const field of Object.keys(row.data.shape)) expect(page).toContain(`| ${field} | `);
  }
  expect(page).not.toContain('| any |');
});
