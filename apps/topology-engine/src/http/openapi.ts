import { z } from 'zod';
import type { Answer, Route } from './route.ts';
import { cluster, clusterList, journal, preview, refusal, run, runList } from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

/** What every route may answer beside its own answers. */
const refusals: Readonly<Record<number, string>> = {
  400: 'The request makes no sense.',
  401: 'No token, or one that is nobody’s.',
  403: 'The caller may not do this to the cluster.',
  404: 'There is no such cluster, instance or run.',
  409: 'Things are not so that it could be done.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'The Idempotency-Key came with another request before.',
  429: 'Too many requests in a minute.',
  502: 'The engine that looks after the cluster can not be asked.',
  503: 'Not now: no engine looks after the cluster yet, or the API server can not tell who calls.',
};

/** What is described once and referred to. */
const named: ReadonlyMap<z.ZodType, string> = new Map<z.ZodType, string>([
  [cluster, 'Cluster'],
  [clusterList, 'ClusterList'],
  [run, 'Run'],
  [runList, 'RunList'],
  [preview, 'Preview'],
  [journal, 'Journal'],
  [refusal, 'Refusal'],
]);

/** OpenAPI 3.1 of these routes. */
export function openApiDocument(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = `/api/v1${route.path}`;
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Pilotfish topology engine',
      version: '1',
      description:
        'What the engine sees and does of the replication of each MysqlCluster, and what it can be told to do.',
    },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: Object.fromEntries([...named].map(([schema, name]) => [name, schemaOf(schema, 'output')])),
      responses: Object.fromEntries(
        Object.entries(refusals).map(([status, description]) => [
          status,
          responseOf({ description, schemas: [refusal] }),
        ]),
      ),
    },
    security: [{ token: [] }],
  };
}

function operationOf({ id, summary, description, verb, body, answers, method, ...route }: Route): Json {
  const applicable = Object.entries(refusals).filter(
    ([status]) => method === 'post' || !['413', '415', '422'].includes(status),
  );
  return {
    operationId: id,
    summary,
    description: [description, `Needs the verb \`${verb}\` on the MysqlCluster.`].filter(Boolean).join('\n\n'),
    parameters: parametersOf(route),
    ...(body && { requestBody: { content: { 'application/json': { schema: schemaOf(body, 'input') } } } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, responseOf(answer)])),
      ...Object.fromEntries(applicable.map(([status]) => [status, { $ref: `#/components/responses/${status}` }])),
    },
  };
}

function parametersOf({ path, query, headers = {} }: Pick<Route, 'path' | 'query' | 'headers'>): Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, field]) => {
    const schema = schemaOf(field as z.ZodType, 'input');
    const { description, ...others } = schema;
    return { name, in: 'query', ...(typeof description === 'string' && { description }), schema: others };
  });
  const inHeader = Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string' },
  }));
  return [...inPath, ...inQuery, ...inHeader];
}

function responseOf({ description, schemas = [], mediaType = 'application/json' }: Answer): Json {
  const described = schemas.map((schema) => {
    const name = named.get(schema);
    return name === undefined ? schemaOf(schema, 'output') : { $ref: `#/components/schemas/${name}` };
  });
  const schema = described.length > 1 ? { oneOf: described } : (described[0] ?? { type: 'string' });
  return { description, content: { [mediaType]: { schema } } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...others } = z.toJSONSchema(schema, { target: 'draft-2020-12', io });
  return others;
}
