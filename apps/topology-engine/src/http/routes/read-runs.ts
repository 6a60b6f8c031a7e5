import type { Request } from 'express';
import { z } from 'zod';
import type { RunReport } from '../../act/run-log.ts';
import { controlOf, type Engine } from '../engine.ts';
import { Refused } from '../refused.ts';
import { clusterOf, type Route, readQuery } from '../route.ts';
import { run, runList } from '../schemas.ts';

const query = z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(20) });

const kept = 'The latest hundred runs of a cluster are kept by the engine that looks after it, until it restarts.';

export function readRuns(engine: Engine): Route[] {
  const list = (path: string, id: string, summary: string, isOfThem: (report: RunReport) => boolean): Route => ({
    method: 'get',
    path: `/clusters/{namespace}/{name}/${path}`,
    id,
    summary,
    description: kept,
    verb: 'get',
    query,
    owner: 'required',
    answers: { 200: { description: 'The latest first.', schemas: [runList] } },
    handle(request, response) {
      const { limit } = readQuery(query, request);
      const { runs } = controlOf(engine, clusterOf(request).key);
      response.json({ items: runs.list().filter(isOfThem).slice(0, limit) });
    },
  });
  return [
    list('operations', 'listOperations', 'What was ordered, and how it went.', ({ by }) => by !== ''),
    list('recoveries', 'listRecoveries', 'What the engine did by itself, and how it went.', ({ by }) => by === ''),
    {
      method: 'get',
      path: '/clusters/{namespace}/{name}/operations/{id}',
      id: 'readOperation',
      summary: 'One run, step by step: how far it is, or how it ended.',
      description: kept,
      verb: 'get',
      owner: 'required',
      answers: { 200: { description: 'The run.', schemas: [run] } },
      handle(request, response) {
        const { runs } = controlOf(engine, clusterOf(request).key);
        const report = runs.get(idOf(request));
        if (!report) throw new Refused(404, 'UnknownRun', `there is no run ${idOf(request)} of this cluster here`);
        response.json(report);
      },
    },
  ];
}

const idOf = (request: Request): string => String(request.params.id);
