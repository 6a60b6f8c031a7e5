import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, Refusal } from './refusal.ts';

/**
 * `body` is the parsed JSON of a POST, unchecked; `term` is the engine's that calls, absent for a person; the signal is aborted when the
 * caller hangs up or the server closes.
 */
export interface Call {
  readonly body: unknown;
  readonly query: URLSearchParams;
  readonly term: number | undefined;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  /** An object is sent as JSON, text as it is. */
  readonly body: string | object;
  readonly contentType?: string;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Whether it takes the bearer token. */
  readonly open: boolean;
  readonly handle: (call: Call) => Answer | Promise<Answer>;
}

export interface HttpServerOptions {
  readonly port: number;
  readonly token: string;
  readonly routes: readonly Route[];
  readonly answered: (status: number) => void;
  /** Not a Refusal: something the agent did not foresee. */
  readonly failed: (error: unknown, path: string) => void;
}

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A GTID set with many sources is long. */
const maxBodyBytes = 1_048_576;

/** The agent's HTTP, on node:http alone. Rejects when the port can't be had. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const active = new Set<AbortController>();
  const server = createServer((request, response) => {
    const ended = new AbortController();
    active.add(ended);
    response.on('close', () => {
      active.delete(ended);
      ended.abort(new Refusal(499, 'the caller hung up'));
    });
    void serve(options, request, response, ended.signal);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const ended of active) ended.abort(new Refusal(503, 'the agent ends'));
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // What still hangs on a caller that doesn't read is cut.
        setTimeout(() => server.closeAllConnections(), 1000).unref();
      });
    },
  };
}

async function serve(
  options: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const answer = await answerTo(options, request, signal);
  options.answered(answer.status);
  const isText = typeof answer.body === 'string';
  const type = answer.contentType ?? (isText ? 'text/plain; charset=utf-8' : 'application/json');
  response.writeHead(answer.status, { 'content-type': type });
  response.end(isText ? answer.body : `${JSON.stringify(answer.body)}\n`);
}

async function answerTo(options: HttpServerOptions, request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
  const [path = '/', search = ''] = (request.url ?? '/').split('?', 2);
  try {
    const there = options.routes.filter((route) => route.path === path);
    const route = there.find(({ method }) => method === request.method);
    if (route === undefined)
      throw there.length === 0 ? new Refusal(404, 'not found') : new Refusal(405, 'wrong method');
    if (!route.open && !isAuthorized(request, options.token))
      throw new Refusal(401, 'the bearer token is missing or wrong');
    const term = termOf(request);
    const body = request.method === 'POST' ? await readJson(request) : undefined;
    return await route.handle({ body, query: new URLSearchParams(search), term, signal });
  } catch (error: unknown) {
    if (error instanceof Refusal) return { status: error.status, body: { error: error.message } };
    options.failed(error, path);
    return { status: 500, body: { error: messageOf(error) } };
  }
}

/** Digests, so that neither time nor an exception tells the token's length. */
function isAuthorized(request: IncomingMessage, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${token}`));
}

function termOf({ headers }: IncomingMessage): number | undefined {
  const text = headers['pilotfish-term'];
  if (text === undefined) return undefined;
  const term = Number(text);
  if (!Number.isSafeInteger(term) || term < 1) throw new Refusal(400, 'Pilotfish-Term is not a positive integer');
  return term;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new Refusal(413, `at most ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
}
