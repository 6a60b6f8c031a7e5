import { createServer } from 'node:net';

/**
 * A TCP port of 127.0.0.1 that nobody listens on. Below the range from which the kernel takes ports for outgoing connections (32768 on Linux),
 * so that no connection can take it while a server under test is down.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port among a hundred tried');
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: '127.0.0.1' }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
