import { createHash } from 'node:crypto';
import { Agent, type Dispatcher } from 'undici';
import type { Clock } from './clock.ts';
import type { CredentialSource, Credentials, TlsOptions } from './credentials.ts';
import { errorOfStatus, KubeError } from './kube-error.ts';
import type { KubeMetrics } from './kube-metrics.ts';
import { linkedAbort } from './linked-abort.ts';
import { orAbort } from './or-abort.ts';

export interface TransportOptions {
  readonly source: CredentialSource;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly metrics: KubeMetrics;
}

export interface RawRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Aborts the request; what is thrown is then the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the request is given up. */
  readonly deadlineMs: number;
}

/** How long token and certificates are believed before the files are looked at again. */
const credentialsMaxAgeMs = 60_000;
const connectTimeoutMs = 3_000;
const idleConnectionMs = 30_000;

/**
 * Requests and watches over lasting TLS connections: one pool for requests, another for watches, because each watch
 * holds a connection for minutes and must not starve the rest. New pools are made when CA or client certificate change.
 */
export class Transport {
  readonly #options: TransportOptions;
  #credentials: { value: Credentials; readAtMs: number } | undefined;
  #pools: { fingerprint: string; requests: Agent; watches: Agent } | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** The parsed body. Rejects with KubeError, or with the signal's reason when it was aborted. */
  async request(request: RawRequest): Promise<unknown> {
    try {
      return await this.#attempt(request);
    } catch (error) {
      // The token may have been rotated within the minute that it is cached.
      if (error instanceof KubeError && error.status === 401 && this.#forgetOldCredentials())
        return this.#attempt(request);
      // So may the certificates.
      if (error instanceof KubeError && error.status === 0) this.#forgetOldCredentials();
      // A kept connection that the server has closed meanwhile fails the next request; reading again is harmless.
      if (request.method === 'GET' && isStaleConnection(error)) return this.#attempt(request);
      throw error;
    }
  }

  /** Opens a stream; `onHeadersMs` bounds the wait for its first byte, the caller watches over the rest. */
  async stream(path: string, signal: AbortSignal, headersTimeoutMs: number): Promise<AsyncIterable<Buffer>> {
    const startedMs = this.#options.clock.nowMs();
    let status = 0;
    try {
      const response = await this.#send('watches', { method: 'GET', path, signal, deadlineMs: 0 }, headersTimeoutMs);
      status = response.statusCode;
      if (status !== 200) throw await this.#refusal(response, `GET ${path}`);
      return response.body;
    } catch (error) {
      if (error instanceof KubeError && error.status === 401) this.#forgetOldCredentials();
      throw toKubeError(error, `WATCH ${path}`, signal);
    } finally {
      this.#options.metrics.request('WATCH', status, this.#options.clock.nowMs() - startedMs);
    }
  }

  /** Ends all connections; what is under way fails. */
  async close(): Promise<void> {
    const pools = this.#pools;
    this.#pools = undefined;
    await Promise.all([pools?.requests.destroy(), pools?.watches.destroy()]);
  }

  async #attempt(request: RawRequest): Promise<unknown> {
    const { method, path, deadlineMs } = request;
    const what = `${method} ${path}`;
    const startedMs = this.#options.clock.nowMs();
    const timeout = () =>
      new KubeError({ status: 0, reason: 'Timeout', message: `${what}: no answer in ${deadlineMs} ms` });
    const link = linkedAbort(request.signal, { ms: deadlineMs, reason: timeout });
    let status = 0;
    try {
      const response = await this.#send('requests', { ...request, signal: link.signal });
      status = response.statusCode;
      if (status >= 300) throw await this.#refusal(response, what);
      return await response.body.json();
    } catch (error) {
      throw toKubeError(error, what, link.signal);
    } finally {
      link.dispose();
      this.#options.metrics.request(method, status, this.#options.clock.nowMs() - startedMs);
    }
  }

  async #send(
    pool: 'requests' | 'watches',
    request: RawRequest,
    headersTimeoutMs?: number,
  ): Promise<Dispatcher.ResponseData> {
    const { origin, basePath, headers } = await this.#current();
    const body = request.body === undefined ? null : JSON.stringify(request.body);
    request.signal?.throwIfAborted();
    const response = this.#agent(pool).request({
      origin,
      path: `${basePath}${request.path}`,
      method: request.method,
      headers: {
        ...headers,
        accept: 'application/json',
        'user-agent': this.#options.userAgent,
        ...(body === null ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      body,
      ...(request.signal ? { signal: request.signal } : {}),
      headersTimeout: headersTimeoutMs ?? 0,
      bodyTimeout: 0,
    });
    // Undici looks at the signal of a request only once it has a connection for it, and waits for that for seconds when the
    // server is unreachable. It drops the request by itself then.
    return await orAbort(response, request.signal);
  }

  async #refusal(response: Dispatcher.ResponseData, what: string): Promise<KubeError> {
    const text = await response.body.text();
    const seconds = Number(response.headers['retry-after']);
    const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
    return errorOfStatus(parseOr(text, { message: text.slice(0, 500) }), response.statusCode, what, retryAfterMs);
  }

  async #current(): Promise<Credentials> {
    const nowMs = this.#options.clock.nowMs();
    if (this.#credentials && nowMs - this.#credentials.readAtMs < credentialsMaxAgeMs) return this.#credentials.value;
    const value = await this.#options.source();
    this.#credentials = { value, readAtMs: nowMs };
    this.#renewPools(value.tls);
    return value;
  }

  /** False when they are from this very moment, so that a 401 is not asked about for ever. */
  #forgetOldCredentials(): boolean {
    const old = this.#credentials !== undefined && this.#options.clock.nowMs() - this.#credentials.readAtMs > 1_000;
    if (old) this.#credentials = undefined;
    return old;
  }

  #agent(pool: 'requests' | 'watches'): Agent {
    if (!this.#pools) throw new KubeError({ status: 0, reason: 'Closed', message: 'the Kubernetes client is closed' });
    return this.#pools[pool];
  }

  #renewPools(tls: TlsOptions): void {
    const hash = createHash('sha256');
    for (const part of [tls.ca, tls.cert, tls.key]) hash.update(part ?? '').update('|');
    const fingerprint = hash.digest('hex');
    if (this.#pools?.fingerprint === fingerprint) return;
    const old = this.#pools;
    const connect = { ...tls, timeout: connectTimeoutMs, keepAlive: true, keepAliveInitialDelay: 15_000 };
    this.#pools = {
      fingerprint,
      requests: new Agent({ connections: 16, keepAliveTimeout: idleConnectionMs, connect }),
      watches: new Agent({ connections: null, pipelining: 0, connect }),
    };
    // Closing waits for what is under way: nothing is cut off by a rotation.
    for (const agent of [old?.requests, old?.watches]) agent?.close().catch(() => undefined);
  }
}

function parseOr(text: string, fallback: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fallback;
  }
}

function isStaleConnection(error: unknown): boolean {
  const code = error instanceof KubeError ? (error.cause as { code?: unknown } | undefined)?.code : undefined;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}

/** Errors of the network become KubeErrors; an abort keeps its own reason. */
export function toKubeError(error: unknown, what: string, signal?: AbortSignal): Error {
  if (error instanceof KubeError) return error;
  if (signal?.aborted && signal.reason !== undefined) return signal.reason as Error;
  const { message = String(error), code } = (error ?? {}) as { message?: string; code?: string };
  return new KubeError({
    status: 0,
    reason: 'Unreachable',
    message: `${what}: ${code && !message.includes(code) ? `${code} ` : ''}${message || 'no answer'}`,
    cause: error,
  });
}
