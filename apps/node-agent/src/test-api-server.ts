import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { freePort } from '@pilotfish/testkit';

/** Answers as an API server would to somebody without a token: what counts for the agent is that it answers. */
export class TestApiServer {
  readonly port: number;
  #server: Server | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  /** On a port that is known before it listens. */
  static async create(): Promise<TestApiServer> {
    return new TestApiServer(await freePort());
  }

  get env(): Record<string, string> {
    return { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(this.port) };
  }

  /** With the certificate that mysqld made for itself in its data directory. */
  async listen(dataDirectory: string): Promise<void> {
    const [cert, key] = await Promise.all(
      ['server-cert.pem', 'server-key.pem'].map((name) => readFile(join(dataDirectory, name))),
    );
    const server = createServer({ cert, key }, (_, response) => response.writeHead(401).end('Unauthorized'));
    this.#server = server;
    await new Promise<void>((resolve) => {
      server.listen(this.port, '127.0.0.1', resolve);
    });
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
}
