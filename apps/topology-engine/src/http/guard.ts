import type { Logger } from '@pilotfish/service';
import { messageOf } from '@pilotfish/service';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { Authenticator, Caller, ClusterScope } from './authenticator.ts';
import { Refused } from './refused.ts';

export interface RateLimits {
  /** Requests a minute that one caller may make. */
  readonly reads: number;
  readonly orders: number;
  /** Requests a minute without a good token that may come from one address. */
  readonly strangers: number;
}

export const defaultRateLimits: RateLimits = { reads: 600, orders: 60, strangers: 60 };

const callers = new WeakMap<Request, Caller>();

/** Who was let in with this request. */
export function callerOf(request: Request): Caller {
  const caller = callers.get(request);
  if (!caller) throw new Refused(401, 'Unauthenticated', 'a bearer token is needed');
  return caller;
}

/** Lets nobody pass whose token is not known, nor anybody too often. */
export function guard(authenticator: Authenticator, limits: RateLimits): RequestHandler[] {
  const perCaller = { keyGenerator: (request: Request) => callerOf(request).name };
  return [
    limited(limits.strangers, {
      keyGenerator: (request) => ipKeyGenerator(request.socket.remoteAddress ?? ''),
      skipSuccessfulRequests: true,
      requestWasSuccessful: (request) => callers.has(request),
    }),
    async (request, _response, next) => {
      callers.set(request, await identify(authenticator, request));
      next();
    },
    limited(limits.reads, { ...perCaller, skip: ({ method }) => method !== 'GET' }),
    limited(limits.orders, { ...perCaller, skip: ({ method }) => method === 'GET' }),
  ];
}

function limited(limit: number, options: Parameters<typeof rateLimit>[0]): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    ...options,
    handler: (_request, _response, next) => {
      next(new Refused(429, 'TooManyRequests', `more than ${String(limit)} requests in a minute`));
    },
  });
}

async function identify(authenticator: Authenticator, request: Request): Promise<Caller> {
  const token = /^Bearer ([^\s]{1,8192})$/i.exec(request.get('authorization') ?? '')?.[1];
  if (token === undefined) throw new Refused(401, 'Unauthenticated', 'a bearer token is needed');
  const caller = await askAuthority(authenticator.identify(token));
  if (!caller) throw new Refused(401, 'Unauthenticated', 'the token is not known');
  return caller;
}

/** @throws Refused */
export async function authorize(caller: Caller, verb: string, scope: ClusterScope, logger: Logger): Promise<void> {
  if (await askAuthority(caller.may(verb, scope))) return;
  const { namespace, name } = scope;
  const what =
    name === ''
      ? `all MysqlClusters${namespace === '' ? '' : ` of ${namespace}`}`
      : `MysqlCluster ${namespace}/${name}`;
  logger.info({ by: caller.name, verb, namespace, name }, 'a request was forbidden');
  throw new Refused(403, 'Forbidden', `${caller.name} may not ${verb} ${what}`);
}

async function askAuthority<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error: unknown) {
    throw new Refused(
      503,
      'AuthorityUnreachable',
      `the API server can't tell who you are or what you may: ${messageOf(error)}`,
    );
  }
}

/** Answers what was thrown. */
export function answerErrors(logger: Logger) {
  return (error: unknown, request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const refused = error instanceof Refused ? error : refusedByParser(error);
    if (!refused) logger.error({ err: error, path: request.path }, 'a request failed');
    const { status, reason, message } = refused ?? internal;
    if (status === 401) response.setHeader('www-authenticate', 'Bearer');
    response.status(status).json({ reason, message });
  };
}

const internal = new Refused(500, 'InternalError', 'this is a fault of the engine; its log says more');

/** What express's body parser and router refuse carries a status. */
function refusedByParser(error: unknown): Refused | undefined {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) return new Refused(413, 'BodyTooLarge', 'the body is too large');
  if (status === 415) return new Refused(415, 'UnsupportedMediaType', 'the body must be application/json in UTF-8');
  return status === 400 ? new Refused(400, 'MalformedBody', messageOf(error)) : undefined;
}
