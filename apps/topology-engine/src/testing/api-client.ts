import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** Listens on a free port of loopback. */
export async function listen(app: Express): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A client of the API; each call is a connection of its own. */
export class ApiClient {
  readonly #port: number;
  readonly #token: string | undefined;

  constructor(port: number, token?: string) {
    this.#port = port;
    this.#token = token;
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<ApiAnswer> {
    return this.#call('GET', path, headers, undefined);
  }

  post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<ApiAnswer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.#call('POST', path, { 'content-type': 'application/json', ...headers }, text);
  }

  /** Follows a stream; `text` is what came so far. */
  stream(path: string, headers: Readonly<Record<string, string>> = {}) {
    const sent = request(this.#options('GET', path, headers), (response) => {
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        state.text += chunk;
      });
      response.on('close', () => {
        state.ended = true;
      });
    });
    const state = { text: '', ended: false, close: () => void sent.destroy() };
    sent.on('error', () => {
      state.ended = true;
    });
    sent.end();
    return state;
  }

  /** Opens a stream, and reads nothing of it. */
  deafStream(path: string) {
    const state = { isOpen: false, close: () => void sent.destroy() };
    const sent = request(this.#options('GET', path, {}), (response) => {
      state.isOpen = response.statusCode === 200;
      response.on('error', () => undefined);
    });
    sent.on('error', () => undefined);
    sent.end();
    return state;
  }

  #options(method: string, path: string, headers: Readonly<Record<string, string>>) {
    const authorization = this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    return {
      port: this.#port,
      host: '127.0.0.1',
      method,
      path,
      agent: false,
      headers: { ...authorization, ...headers },
    };
  }

  #call(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    text: string | undefined,
  ): Promise<ApiAnswer> {
    return new Promise((resolve, reject) => {
      const sent = request(this.#options(method, path, headers), (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          received += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          const body: unknown = received === '' ? undefined : JSON.parse(received);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      });
      sent.on('error', reject);
      sent.end(text);
    });
  }
}
