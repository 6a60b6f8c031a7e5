import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { systemClock } from '@pilotfish/service';
import { routesOf } from './api.ts';
import type { Engine } from './engine.ts';
import { Idempotency } from './idempotency.ts';
import { openApiDocument } from './openapi.ts';
import { defaultStreamLimits, Streams } from './routes/stream.ts';

const nobody: Engine = {
  name: '',
  keys: () => [],
  cluster: () => undefined,
  locate: () => ({ kind: 'nobody', why: '' }),
};
const routes = routesOf(nobody, new Streams(nobody, defaultStreamLimits), new Idempotency(systemClock));

test.each([
  ['concepts/operations.md', 10],
  ['concepts/journal.md', 1],
  ['standalone.md', 5],
])('every curl of docs/%s names a route, and its body is one that the route takes', async (name, least) => {
  const page = fileURLToPath(new URL(`../../../../docs/${name}`, import.meta.url));
  const lines = (await readFile(page, 'utf8')).replaceAll('\\\n', ' ').match(/^curl .*$/gm) ?? [];
  // What is done with the answer is nobody's business here.
  const commands = lines.map((line) => line.replace(/ >.*$/, ''));
  expect(commands.length).toBeGreaterThanOrEqual(least);
  for (const command of commands) {
    const [, below = ''] = /\$API(\/[a-z-]+)?(?:\?[^"]*)?"?\s*$/.exec(command) ?? [];
    const [, data] = / -d '([^']+)'/.exec(command) ?? [];
    const route = routes.find(
      ({ path, method }) => path === `/clusters/{namespace}/{name}${below}` && method === (data ? 'post' : 'get'),
    );
    expect([command, route?.id]).toEqual([command, expect.any(String)]);
    if (data) expect([command, route?.body?.safeParse(JSON.parse(data)).error]).toEqual([command, undefined]);
  }
});

test('the description names each route once, and refers to nothing that it lacks', () => {
  const document = openApiDocument(routes);
  const ids = routes.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
  expect(references.length).toBeGreaterThan(ids.length);
  const { components } = document as { components: Record<string, Record<string, unknown>> };
  for (const [, kind = '', name = ''] of references) expect(components[kind]?.[name]).toBeDefined();
});
