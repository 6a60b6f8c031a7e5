import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import type { Clock } from '@pilotfish/service';
import { isErrno } from './files.ts';

/** Names and addresses, as DNS has them. */
export interface Directory {
  /** Host names behind the headless Service. Rejects when DNS does not answer; a name without hosts is an empty list. */
  hosts(): Promise<string[]>;
  addressesOf(host: string): Promise<string[]>;
}

export interface PeersOptions {
  readonly directory: Directory;
  readonly cluster: string;
  readonly ownPod: string;
  readonly clock: Clock;
}

const intervalMs = 10_000;
/** How long DNS must have shown no other instance before this one counts as the only one. */
const soloAfterMs = 60_000;

/**
 * The other instances of this cluster. The last good answer is kept while DNS is down, which it is for an isolated node.
 * Found by asking, not by a count in the pod's environment, so that scaling does not roll the pods.
 */
export class Peers {
  readonly #options: PeersOptions;
  #addresses: readonly string[] = [];
  /** Since when answers of DNS have shown nobody else. */
  #aloneSinceMs: number | undefined;
  #confirmedMs: number | undefined;

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  addresses(): readonly string[] {
    return this.#addresses;
  }

  isSolo(): boolean {
    if (this.#aloneSinceMs === undefined || this.#confirmedMs === undefined) return false;
    return this.#confirmedMs - this.#aloneSinceMs >= soloAfterMs;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.refresh();
      await this.#options.clock.sleep(intervalMs, signal).catch(() => undefined);
    }
  }

  /** Never rejects. */
  async refresh(): Promise<void> {
    const { directory, clock } = this.#options;
    try {
      const names = await directory.hosts();
      const hosts = names.filter((host) => this.#isPeer(host));
      if (hosts.length > 0) {
        this.#aloneSinceMs = undefined;
        const found = await Promise.all(hosts.map((host) => directory.addressesOf(host).catch(() => [])));
        const addresses = found.flat();
        if (addresses.length > 0) this.#addresses = addresses;
        return;
      }
      // An answer in which this pod itself is missing proves nothing.
      if (!names.some((host) => podOf(host) === this.#options.ownPod)) return;
      this.#addresses = [];
      this.#aloneSinceMs ??= clock.nowMs();
      this.#confirmedMs = clock.nowMs();
    } catch {
      // DNS is down: what was known last stands.
    }
  }

  #isPeer(host: string): boolean {
    const { cluster, ownPod } = this.#options;
    const name = podOf(host);
    const prefix = `${cluster}-mysql-`;
    return name !== ownPod && name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length));
  }
}

function podOf(host: string): string {
  return host.split('.', 1)[0] ?? '';
}

/** Kubernetes' DNS, asked directly: the system's resolver may block for many seconds when it is down. */
export class DnsDirectory implements Directory {
  readonly #service: string;
  readonly #namespace: string;
  readonly #resolver = new Resolver({ timeout: 800, tries: 1 });
  #domain: string | undefined;

  constructor(service: string, namespace: string) {
    this.#service = service;
    this.#namespace = namespace;
  }

  async hosts(): Promise<string[]> {
    this.#domain ??= await clusterDomain(this.#namespace);
    const name = `_sidecar-http._tcp.${this.#service}.${this.#namespace}.svc.${this.#domain}`;
    return (await orEmpty(this.#resolver.resolveSrv(name))).map((record) => record.name);
  }

  async addressesOf(host: string): Promise<string[]> {
    const v4 = await orEmpty(this.#resolver.resolve4(host));
    return v4.length > 0 ? v4 : await orEmpty(this.#resolver.resolve6(host));
  }
}

/** From the search list that the kubelet writes: `<namespace>.svc.<domain>`. */
async function clusterDomain(namespace: string): Promise<string> {
  const text = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  const prefix = `${namespace}.svc.`;
  const entries = text
    .split('\n')
    .filter((line) => line.startsWith('search'))
    .flatMap((line) => line.split(/\s+/));
  return entries.find((entry) => entry.startsWith(prefix))?.slice(prefix.length) ?? 'cluster.local';
}

async function orEmpty<T>(answer: Promise<T[]>): Promise<T[]> {
  try {
    return await answer;
  } catch (error: unknown) {
    if (isErrno(error, 'ENOTFOUND') || isErrno(error, 'ENODATA')) return [];
    throw error;
  }
}
