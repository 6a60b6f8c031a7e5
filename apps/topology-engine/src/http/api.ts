import type { RequestListener } from 'node:http';
import type { Clock, Logger } from '@pilotfish/service';
import express, { type Express, type Request, type RequestHandler } from 'express';
import type { Authenticator } from './authenticator.ts';
import type { Engine } from './engine.ts';
import { forward, forwardedHeader } from './forward.ts';
import { answerErrors, authorize, callerOf, defaultRateLimits, guard, type RateLimits } from './guard.ts';
import { Idempotency } from './idempotency.ts';
import { openApiDocument } from './openapi.ts';
import { Refused } from './refused.ts';
import { clusterOf, type Route } from './route.ts';
import { giveOrders } from './routes/give-orders.ts';
import { readClusters } from './routes/read-clusters.ts';
import { readJournal } from './routes/read-journal.ts';
import { readRuns } from './routes/read-runs.ts';
import { defaultStreamLimits, type StreamLimits, Streams } from './routes/stream.ts';

export interface ApiOptions {
  readonly engine: Engine;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rateLimits?: RateLimits;
  readonly streamLimits?: StreamLimits;
  /** Answers /healthz and /readyz, and /metrics to those who have a token, where they have no server of their own. */
  readonly ops?: RequestListener;
}

export interface Api {
  readonly app: Express;
  /** Ends the streams; call it before the server is closed. */
  close(): void;
}

export const basePath = '/api/v1';
const largestBody = '16kb';

/** Every route of the API, for the application and for its reference. */
export function routesOf(engine: Engine, streams: Streams, idempotency: Idempotency): Route[] {
  const reads = [...readClusters(engine), ...readRuns(engine), ...readJournal(engine), ...streams.routes()];
  return [...reads, ...giveOrders(engine, idempotency)];
}

/** The HTTP API of an engine as an express application; whoever mounts it listens. */
export function createApi(options: ApiOptions): Api {
  const { engine, authenticator, clock, logger, ops } = options;
  const { rateLimits = defaultRateLimits, streamLimits = defaultStreamLimits } = options;
  const streams = new Streams(engine, streamLimits);
  const routes = routesOf(engine, streams, new Idempotency(clock));
  const document = openApiDocument(routes);
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache' });
    next();
  });
  app.get('/healthz', ops ?? ((_request, response) => void response.json({ ok: true })));
  if (ops) app.get('/readyz', ops);
  app.use(...guard(authenticator, rateLimits));
  if (ops) app.get('/metrics', ops);
  app.use(requireJson, express.json({ limit: largestBody, strict: true }));
  app.get(`${basePath}/openapi.json`, (_request, response) => void response.json(document));
  for (const route of routes) {
    app[route.method](`${basePath}${route.path.replaceAll(/\{(\w+)\}/g, ':$1')}`, answer(route, engine, logger));
  }
  app.use((request) => {
    throw new Refused(
      404,
      'UnknownPath',
      `there is no ${request.method} ${request.path}; see ${basePath}/openapi.json`,
    );
  });
  app.use(answerErrors(logger));
  return { app, close: () => streams.close() };
}

const requireJson: RequestHandler = (request, _response, next) => {
  const hasBody = request.method === 'POST' && request.get('content-length') !== '0';
  if (hasBody && !request.is('application/json')) {
    throw new Refused(415, 'UnsupportedMediaType', 'the body must be application/json');
  }
  next();
};

function answer(route: Route, engine: Engine, logger: Logger): RequestHandler {
  return async (request, response) => {
    const caller = callerOf(request);
    await authorize(caller, route.verb, scopeOf(request), logger);
    const { key, name } = clusterOf(request);
    if (name !== '' && !engine.cluster(key)) throw new Refused(404, 'UnknownCluster', `there is no cluster ${key}`);
    const location = engine.locate(key);
    if (route.owner === undefined || location.kind !== 'elsewhere' || request.get(forwardedHeader) !== undefined) {
      await route.handle(request, response, caller);
      return;
    }
    try {
      await forward(location, engine.name, request, response);
    } catch (error: unknown) {
      if (route.owner === 'required' || response.headersSent) throw error;
      await route.handle(request, response, caller);
    }
  };
}

function scopeOf(request: Request) {
  const { namespace, name } = clusterOf(request);
  const wanted = request.query.namespace;
  return { namespace: namespace === '' && typeof wanted === 'string' ? wanted : namespace, name };
}
