import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from './error-message.ts';
import type { Health, HealthReport } from './health.ts';
import type { Component } from './lifecycle.ts';
import type { Metrics } from './metrics.ts';

export interface OpsServerOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host?: string;
  readonly health: Health;
  readonly metrics: Metrics;
}

export interface OpsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers GET /healthz, /readyz (200 or 503 with the reason of each failing check) and /metrics. */
export function opsHandler({ health, metrics }: Pick<OpsServerOptions, 'health' | 'metrics'>): RequestListener {
  return (request, response) => {
    answer(request, response, health, metrics).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`${messageOf(error)}\n`);
    });
  };
}

/** A server of its own for it. Rejects when the port cannot be had. */
export function startOpsServer({ port, host, ...parts }: OpsServerOptions): Promise<OpsServer> {
  const server = createServer(opsHandler(parts));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}

/** The ops server as the first component of a service: it starts before and stops after everything it reports on. */
export function opsServerComponent(options: OpsServerOptions): Component {
  let server: OpsServer | undefined;
  return {
    name: 'ops-server',
    start: async () => {
      server = await startOpsServer(options);
    },
    stop: async () => {
      await server?.close();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  health: Health,
  metrics: Metrics,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  switch (request.url?.split('?', 1)[0]) {
    case '/healthz':
      sendReport(response, await health.liveness());
      return;
    case '/readyz':
      sendReport(response, await health.readiness());
      return;
    case '/metrics': {
      const text = await metrics.render();
      response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
      return;
    }
    default:
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found; try /healthz, /readyz or /metrics\n');
  }
}

function sendReport(response: ServerResponse, report: HealthReport): void {
  response.writeHead(report.ok ? 200 : 503, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(report, null, 2)}\n`);
}
