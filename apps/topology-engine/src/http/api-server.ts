import { createServer, type Server } from 'node:http';
import type { Component } from '@pilotfish/service';
import type { Api } from './api.ts';

export interface ApiServerOptions {
  readonly api: Api;
  /** 0 takes a free port. */
  readonly port: number;
  /** All addresses unless given. */
  readonly host?: string;
  /** Called when it listens. */
  readonly onListening?: (port: number) => void;
}

const headersTimeoutMs = 10_000;
const requestTimeoutMs = 20_000;

/** The API as a part of a service. At its end streams are closed first, and running requests get the time that is left. */
export function apiServerComponent({ api, port, host, onListening }: ApiServerOptions): Component {
  let server: Server | undefined;
  return {
    name: 'api',
    start: () =>
      new Promise<void>((resolve, reject) => {
        const made = createServer(
          { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs },
          (request, response) => {
            api.app(request, response);
          },
        );
        server = made;
        made.once('error', reject);
        made.listen(port, host, () => {
          made.off('error', reject);
          const address = made.address();
          onListening?.(typeof address === 'object' && address ? address.port : port);
          resolve();
        });
      }),
    stop: async (deadline) => {
      if (!server) return;
      const closed = new Promise((resolve) => server?.close(resolve));
      api.close();
      server.closeIdleConnections();
      deadline.addEventListener('abort', () => server?.closeAllConnections(), { once: true });
      await closed;
    },
  };
}
