import { z } from 'zod';
import { encodeEntry } from '../../journal/journal-entry.ts';
import { controlOf, type Engine } from '../engine.ts';
import { clusterOf, type Route, readQuery } from '../route.ts';
import { journal } from '../schemas.ts';

const query = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('the latest so many'),
  since: z.iso.datetime({ offset: true }).optional().describe('only those of then and later, ISO 8601'),
});

export function readJournal(engine: Engine): Route[] {
  return [
    {
      method: 'get',
      path: '/clusters/{namespace}/{name}/journal',
      id: 'readJournal',
      summary: 'What was decided lately, each with all that it was decided on.',
      description:
        'An entry for each decision that differs from the one before, and one when a plan has ended. The latest two hundred of a cluster are kept by the engine that looks after it, until it restarts.',
      verb: 'get',
      query,
      owner: 'required',
      answers: { 200: { description: 'The latest last.', schemas: [journal] } },
      handle(request, response) {
        const { limit, since } = readQuery(query, request);
        const entries = controlOf(engine, clusterOf(request).key).journal();
        const fromMs = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
        const wanted = entries.filter(({ at }) => Date.parse(at) >= fromMs).slice(-limit);
        response.json({ items: wanted.map(encodeEntry) });
      },
    },
  ];
}
