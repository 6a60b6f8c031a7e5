import { connect, createServer, type Socket } from 'node:net';
import { z } from 'zod';

/**
 * A program: passes TCP connections on, each byte so much later as it was told last. Its parent speaks to it over the process's
 * channel, and it ends with that. The kernel of the machine this was made on has no netem.
 */
export const relayOrder = z.union([
  z.object({ listen: z.array(z.object({ host: z.string(), port: z.number(), to: z.number() })) }),
  z.object({ delayMs: z.number() }),
]);
export type RelayOrder = z.infer<typeof relayOrder>;

/** Until the first byte of the other side: SYN, SYN-ACK and the acknowledgement of that one. */
const handshakeTrips = 3;
/** What may wait in one direction before the sender is stopped. */
const highWaterBytes = 4 * 1024 * 1024;

let delayMs = 0;

/** What comes from one socket goes into the other in the same order, its end included, later. */
class DelayedFlow {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #queue: { readonly at: number; readonly chunk: Buffer | undefined }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #lastAt = 0;
  #bytes = 0;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    from.on('data', (chunk) => this.#take(chunk));
    from.on('end', () => this.#take(undefined));
  }

  #take(chunk: Buffer | undefined): void {
    this.#lastAt = Math.max(this.#lastAt, performance.now() + delayMs);
    this.#queue.push({ at: this.#lastAt, chunk });
    this.#bytes += chunk?.length ?? 0;
    if (this.#bytes > highWaterBytes) this.#from.pause();
    this.#pump();
  }

  #pump(): void {
    for (let [head] = this.#queue; head !== undefined && head.at <= performance.now(); [head] = this.#queue) {
      this.#queue.shift();
      this.#bytes -= head.chunk?.length ?? 0;
      if (head.chunk) this.#to.write(head.chunk);
      else this.#to.end();
    }
    if (this.#bytes <= highWaterBytes) this.#from.resume();
    const [next] = this.#queue;
    if (!next || this.#timer) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#pump();
      },
      Math.max(next.at - performance.now(), 0),
    );
  }
}

function passOn(client: Socket, port: number): void {
  client.setNoDelay(true);
  client.pause();
  client.on('error', () => client.destroy());
  setTimeout(() => {
    if (client.destroyed) return;
    const server = connect({ host: '127.0.0.1', port, noDelay: true });
    server.on('error', () => client.resetAndDestroy());
    client.on('close', () => server.destroy());
    server.on('close', () => setTimeout(() => client.destroy(), delayMs));
    new DelayedFlow(client, server);
    new DelayedFlow(server, client);
    client.resume();
  }, handshakeTrips * delayMs);
}

async function obey(order: RelayOrder): Promise<void> {
  if ('delayMs' in order) {
    ({ delayMs } = order);
  } else {
    await Promise.all(
      order.listen.map(
        ({ host, port, to }) =>
          new Promise<void>((resolve) => {
            createServer({ allowHalfOpen: true }, (client) => passOn(client, to)).listen({ host, port }, resolve);
          }),
      ),
    );
  }
  process.send?.('done');
}

process.on('disconnect', () => process.exit());
process.on('message', (message) => void obey(relayOrder.parse(message)));
