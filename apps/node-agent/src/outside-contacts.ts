import { Agent as HttpAgent, get as httpGet, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, get as httpsGet } from 'node:https';
import type { Contacts } from './isolation-watch.ts';
import type { Peers } from './peers.ts';

export interface OutsideContactsOptions {
  readonly cluster: string;
  readonly peers: Pick<Peers, 'addresses' | 'isSolo'>;
  /** Port of the peers' agents. */
  readonly peerPort: number;
  /** Undefined outside Kubernetes. */
  readonly apiServer: { readonly host: string; readonly port: number } | undefined;
}

const timeoutMs = 800;
const maxAnswerBytes = 4096;

/**
 * Asks the agents of the cluster's other instances, and the API server when none of them answers: peers are cheap and many, the API server
 * serves everybody. Any HTTP answer of the API server counts, a refusal too. Connections are kept.
 */
export class OutsideContacts implements Contacts {
  readonly #options: OutsideContactsOptions;
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: 1 });
  // Unverified: this asks whether the network still goes there, not who answers, and sends nothing.
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  #lastGood: string | undefined;

  constructor(options: OutsideContactsOptions) {
    this.#options = options;
  }

  async reach(): Promise<boolean> {
    const addresses = this.#options.peers.addresses();
    if (this.#lastGood !== undefined && addresses.includes(this.#lastGood) && (await this.#askPeer(this.#lastGood)))
      return true;
    const answers = [
      ...addresses.filter((address) => address !== this.#lastGood).map((a) => this.#askPeer(a)),
      this.#askApiServer(),
    ];
    return await anyOf(answers);
  }

  isSolo(): boolean {
    return this.#options.peers.isSolo();
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #askPeer(host: string): Promise<boolean> {
    const { peerPort: port, cluster } = this.#options;
    const text = await ask(httpGet, { host, port, path: '/health', agent: this.#http });
    // Addresses are used again: it must be a peer of this cluster.
    const isPeer = text !== undefined && clusterIn(text) === cluster;
    if (isPeer) this.#lastGood = host;
    return isPeer;
  }

  async #askApiServer(): Promise<boolean> {
    const server = this.#options.apiServer;
    if (server === undefined) return false;
    return (await ask(httpsGet, { ...server, path: '/livez', agent: this.#https })) !== undefined;
  }
}

type Get = (options: RequestOptions, answered: (response: IncomingMessage) => void) => ReturnType<typeof httpGet>;

/** The text of any HTTP answer, or undefined when there is none in time. */
function ask(get: Get, options: RequestOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > maxAnswerBytes) request.destroy();
      });
      response.on('end', () => settle(text));
      response.on('error', () => settle(undefined));
    });
    const timer = setTimeout(() => {
      request.destroy();
      settle(undefined);
    }, timeoutMs);
    request.on('error', () => settle(undefined));
    request.on('close', () => settle(undefined));
    function settle(answer: string | undefined): void {
      clearTimeout(timer);
      resolve(answer);
    }
  });
}

function clusterIn(text: string): unknown {
  try {
    const health: unknown = JSON.parse(text);
    return typeof health === 'object' && health !== null && 'cluster' in health ? health.cluster : undefined;
  } catch {
    return undefined;
  }
}

/** True as soon as one is. */
async function anyOf(answers: readonly Promise<boolean>[]): Promise<boolean> {
  const successes = answers.map(async (answer) => {
    if (!(await answer)) throw new Error('no answer');
  });
  return await Promise.any(successes).then(
    () => true,
    () => false,
  );
}
