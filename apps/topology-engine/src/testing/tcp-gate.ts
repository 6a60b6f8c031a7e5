import { subscribe } from 'node:diagnostics_channel';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Sockets that this process opened, to tell its connections to a gate from those of others. */
const ours = new Set<Socket>();
subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket };
  ours.add(socket);
  socket.once('close', () => ours.delete(socket));
});

/** Who comes to a gate: the engine of a test, which runs in this process, or other servers. */
export type Comer = 'us' | 'others';
/** `in`: what they send to the server; `out`: what it sends to them. */
export type Way = 'in' | 'out';

interface Passage {
  readonly comer: Comer;
  /** The comer's, and that to the server. */
  readonly sockets: Readonly<Record<Way, Socket>>;
}

/** A way to one server that can be slow, or shut for some, in one direction or both: then nothing passes there, and neither side is told. */
export class TcpGate {
  readonly #server: Server;
  readonly #to: number;
  readonly #passages = new Set<Passage>();
  readonly #shut = new Map<Comer, readonly Way[]>();
  #delayMs = 0;

  private constructor(to: number) {
    this.#to = to;
    this.#server = createServer((client) => this.#lead(client));
  }

  static async open(to: number): Promise<TcpGate> {
    const gate = new TcpGate(to);
    await new Promise<void>((resolve) => gate.#server.listen(0, '0.0.0.0', resolve));
    return gate;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  shut(comer: Comer, ways: readonly Way[] = ['in', 'out']): void {
    this.#shut.set(comer, ways);
    this.#apply();
  }

  /** From now on each byte arrives so much later. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  open(): void {
    this.#shut.clear();
    this.#apply();
  }

  async close(): Promise<void> {
    for (const { sockets } of this.#passages) for (const socket of Object.values(sockets)) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(chunk: Buffer, to: Socket): void {
    if (this.#delayMs === 0) to.write(chunk);
    else setTimeout(() => to.write(chunk), this.#delayMs);
  }

  #lead(client: Socket): void {
    const isOurs = [...ours].some(
      // One that is not told yet that it is connected does not know to whom.
      ({ localPort, remotePort = this.port }) => remotePort === this.port && localPort === client.remotePort,
    );
    const server = connect({ host: '127.0.0.1', port: this.#to, noDelay: true });
    const passage: Passage = { comer: isOurs ? 'us' : 'others', sockets: { in: client.setNoDelay(true), out: server } };
    this.#passages.add(passage);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('data', (chunk) => this.#pass(chunk, to));
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#passages.delete(passage);
        to.destroy();
      });
    }
    this.#apply();
  }

  #apply(): void {
    for (const { comer, sockets } of this.#passages) {
      for (const way of ['in', 'out'] as const) {
        if (this.#shut.get(comer)?.includes(way)) sockets[way].pause();
        else sockets[way].resume();
      }
    }
  }
}
