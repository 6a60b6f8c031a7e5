import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * A TCP port of 127.0.0.1 that nobody listens on. Below the range from which the kernel takes ports for outgoing connections (32768 on Linux),
 * so that no connection can take it while a server under test is down.
 *
 * It stays this process's until its end: the UDP port of the same number, which no server here uses, keeps other test processes off it between this
 * answer and the moment when the server listens (an API server takes seconds until then).
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    const reservation = await reserve(port);
    if (reservation === undefined) continue;
    if (await isFree(port)) return port;
    reservation.close();
  }
  throw new Error('no free port among a hundred tried');
}

async function reserve(port: number): Promise<Socket | undefined> {
  return await new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.unref();
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      resolve(socket);
    });
  });
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
