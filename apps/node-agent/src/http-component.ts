import type { Component, Logger } from '@pilotfish/service';
import { type HttpServer, type Route, startHttpServer } from './http-server.ts';
import type { AgentMetrics } from './metrics.ts';
import { messageOf } from './refusal.ts';

export interface HttpComponentOptions {
  readonly port: number;
  readonly token: string;
  readonly routes: readonly Route[];
  readonly metrics: AgentMetrics;
  readonly logger: Logger;
}

/** The agent's HTTP server as a component. */
export function httpComponent({ port, token, routes, metrics, logger }: HttpComponentOptions): Component {
  let server: HttpServer | undefined;
  return {
    name: 'http',
    start: async () => {
      server = await startHttpServer({
        port,
        token,
        routes,
        answered: (status) => metrics.requests.inc({ status: String(status) }),
        failed: (error, path) => logger.error({ path, detail: messageOf(error) }, 'request failed'),
      });
    },
    stop: async () => {
      await server?.close();
    },
  };
}
