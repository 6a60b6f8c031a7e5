import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TempFolder, tempFolder } from '@pilotfish/testkit';
import { connectKube } from '../connect.ts';
import type { KubeClient } from '../kube-client.ts';
import { writeKubeconfig } from './write-kubeconfig.ts';

/** What the fake does with one request. */
export type Answer = (response: ServerResponse, url: URL) => void;

/**
 * Not an API server: answers lists and watches of config maps exactly as the test says, in order, for faults that a real
 * one cannot be made to show. Everything else is tested against a real one.
 */
export class FaultyApi {
  readonly #server: Server;
  readonly #folder: TempFolder;
  readonly client: KubeClient;
  /** `list` or `watch`, with the resourceVersion or continue token asked for. */
  readonly seen: string[] = [];
  readonly lists: Answer[] = [];
  readonly watches: Answer[] = [];

  private constructor(server: Server, folder: TempFolder, client: KubeClient) {
    this.#server = server;
    this.#folder = folder;
    this.client = client;
  }

  static async start(): Promise<FaultyApi> {
    const server = createServer((request, response) => api.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const folder = await tempFolder('faulty-api');
    const kubeconfig = await writeKubeconfig(folder.path, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const api: FaultyApi = new FaultyApi(server, folder, connectKube({ userAgent: 'test', kubeconfig }));
    return api;
  }

  async close(): Promise<void> {
    await this.client.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#folder.remove();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://api');
    const watch = url.searchParams.get('watch') === 'true';
    const from = url.searchParams.get(watch ? 'resourceVersion' : 'continue');
    this.seen.push(`${watch ? 'watch' : 'list'}${from ? ` ${from}` : ''}`);
    // Beyond what the test has said, a watch stays open and silent, and a list is empty.
    const answer = (watch ? this.watches : this.lists).shift() ?? (watch ? openStream : listOf('9'));
    answer(response, url);
  }
}

export const configMap = (name: string, resourceVersion: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'n', name, uid: `uid-${name}`, resourceVersion },
});

export const openStream: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
};

export function listOf(resourceVersion: string, names: readonly string[] = [], token?: string): Answer {
  return (response) => {
    const items = names.map((name) => configMap(name, '1'));
    send(response, 200, { metadata: { resourceVersion, ...(token ? { continue: token } : {}) }, items });
  };
}

export function refusal(code: number, reason: string, headers: Record<string, string> = {}): Answer {
  return (response) => send(response, code, { kind: 'Status', code, reason, message: `test ${reason}` }, headers);
}

/** Whole lines of a watch, which then ends, stays open, or breaks. */
export function stream(events: readonly unknown[], then: 'end' | 'open' | 'break' = 'end', tail = ''): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`${events.map((event) => `${JSON.stringify(event)}\n`).join('')}${tail}`, () => {
      if (then === 'end') response.end();
      if (then === 'break') response.destroy();
    });
  };
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
