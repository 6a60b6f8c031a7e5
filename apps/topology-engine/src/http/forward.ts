import { type IncomingMessage, request as send } from 'node:http';
import type { Request, Response } from 'express';
import type { Location } from './engine.ts';
import { Refused } from './refused.ts';

/** Names the engine that passed a request on: one that comes so and still belongs elsewhere is not passed on again. */
export const forwardedHeader = 'x-pilotfish-forwarded-by';

const connectMs = 2_000;
/** The longest that an order may be waited for, and a little. */
const answerMs = 70_000;
const passedOn = ['authorization', 'accept', 'idempotency-key', 'prefer', 'last-event-id', 'if-none-match'] as const;
/** Of the connection between the two engines, not of the answer. */
const notPassedBack: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date']);

/**
 * Passes a request on to the engine that looks after the cluster, with the caller's own token, and its answer back as it
 * comes; a stream goes on until one side ends it.
 * @throws Refused if that engine can't be asked; nothing has been answered then
 */
export async function forward(
  { host, port, engine }: Extract<Location, { kind: 'elsewhere' }>,
  self: string,
  request: Request,
  response: Response,
): Promise<void> {
  const answer = await ask({ host, port }, self, request, response).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refused(502, 'OwnerUnreachable', `${engine} looks after the cluster and can't be asked: ${why}`);
  });
  const headers = Object.entries(answer.headers).filter(([name]) => !notPassedBack.has(name));
  response.writeHead(answer.statusCode ?? 502, Object.fromEntries(headers));
  answer.on('error', () => response.destroy());
  answer.pipe(response);
}

function ask(
  { host, port }: { readonly host: string; readonly port: number },
  self: string,
  request: Request,
  response: Response,
): Promise<IncomingMessage> {
  const body = request.method === 'POST' ? JSON.stringify(request.body ?? {}) : undefined;
  const headers = Object.fromEntries(
    passedOn.flatMap((name) => (request.get(name) ? [[name, request.get(name)]] : [])),
  );
  return new Promise((resolve, reject) => {
    const outgoing = send({
      host,
      port,
      method: request.method,
      path: request.originalUrl,
      agent: false,
      headers: {
        ...headers,
        [forwardedHeader]: self,
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
    });
    const giveUp = (why: string) => () => outgoing.destroy(new Error(why));
    const connecting = setTimeout(giveUp(`no connection within ${String(connectMs)} ms`), connectMs);
    const answering = setTimeout(giveUp(`no answer within ${String(answerMs)} ms`), answerMs);
    const settle = (): void => {
      clearTimeout(connecting);
      clearTimeout(answering);
    };
    outgoing.on('socket', (socket) => socket.once('connect', () => clearTimeout(connecting)));
    outgoing.on('response', (answer) => {
      settle();
      resolve(answer);
    });
    outgoing.on('error', (error) => {
      settle();
      reject(error);
    });
    // A caller that goes away ends its stream there, too.
    response.on('close', () => outgoing.destroy());
    outgoing.end(body);
  });
}
