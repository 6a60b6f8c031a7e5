import { z } from 'zod';
import { liveView, recordedView, summaryOf } from '../describe-cluster.ts';
import type { Engine } from '../engine.ts';
import { Refused } from '../refused.ts';
import { clusterOf, type Route, readQuery } from '../route.ts';
import { cluster, clusterList } from '../schemas.ts';

const mostItems = 500;

const listQuery = z.strictObject({
  namespace: z.string().max(253).optional().describe('only clusters of this namespace'),
  limit: z.coerce.number().int().min(1).max(mostItems).default(100),
  continue: z.string().max(600).optional().describe('from the answer before'),
});

export function readClusters(engine: Engine): Route[] {
  return [
    {
      method: 'get',
      path: '/clusters',
      id: 'listClusters',
      summary: 'All clusters, as recorded.',
      description: 'Sorted by namespace and name. Any engine answers from its cache.',
      verb: 'list',
      query: listQuery,
      answers: { 200: { description: 'One page of clusters.', schemas: [clusterList] } },
      handle(request, response) {
        const { namespace, limit, continue: after = '' } = readQuery(listQuery, request);
        const keys = engine
          .keys()
          .filter((key) => (namespace === undefined || key.startsWith(`${namespace}/`)) && key > after)
          .sort((a, b) => (a < b ? -1 : 1));
        const page = keys.slice(0, limit);
        const items = page.flatMap((key) => {
          const found = engine.cluster(key);
          return found ? [summaryOf(found)] : [];
        });
        response.json({ items, ...(keys.length > limit && { continue: page.at(-1) }) });
      },
    },
    {
      method: 'get',
      path: '/clusters/{namespace}/{name}',
      id: 'readCluster',
      summary: 'One cluster: its instances with the evidence, its state, its hold, the plan that runs.',
      description:
        'Answered by the engine that looks after it. While that one can not be asked, `live` is false and the answer is what was recorded last.',
      verb: 'get',
      owner: 'preferred',
      answers: { 200: { description: 'The cluster.', schemas: [cluster] } },
      handle(request, response) {
        const { key, namespace, name } = clusterOf(request);
        const location = engine.locate(key);
        const control = location.kind === 'here' ? location.control : undefined;
        const live =
          control && liveView({ namespace, name }, engine.name, { look: control.look(), runs: control.runs });
        const found = engine.cluster(key);
        const view =
          live ?? (found && recordedView(found, location.kind === 'elsewhere' ? location.engine : undefined));
        if (!view) throw new Refused(404, 'UnknownCluster', `there is no cluster ${key}`);
        response.json(view);
      },
    },
  ];
}
