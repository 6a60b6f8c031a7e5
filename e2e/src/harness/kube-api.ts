import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { z } from 'zod';

/** A kind of Kubernetes object: its group and version, and its plural in paths. */
export interface Resource {
  readonly apiVersion: string;
  readonly plural: string;
}

export const resources = {
  clusters: { apiVersion: 'mysql.presslabs.org/v1alpha1', plural: 'mysqlclusters' },
  pods: { apiVersion: 'v1', plural: 'pods' },
  services: { apiVersion: 'v1', plural: 'services' },
  secrets: { apiVersion: 'v1', plural: 'secrets' },
  configMaps: { apiVersion: 'v1', plural: 'configmaps' },
  claims: { apiVersion: 'v1', plural: 'persistentvolumeclaims' },
  events: { apiVersion: 'v1', plural: 'events' },
  namespaces: { apiVersion: 'v1', plural: 'namespaces' },
  nodes: { apiVersion: 'v1', plural: 'nodes' },
  deployments: { apiVersion: 'apps/v1', plural: 'deployments' },
  statefulSets: { apiVersion: 'apps/v1', plural: 'statefulsets' },
  endpointSlices: { apiVersion: 'discovery.k8s.io/v1', plural: 'endpointslices' },
  disruptionBudgets: { apiVersion: 'policy/v1', plural: 'poddisruptionbudgets' },
  leases: { apiVersion: 'coordination.k8s.io/v1', plural: 'leases' },
} as const satisfies Record<string, Resource>;

export class KubeApiError extends Error {
  override readonly name = 'KubeApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The objects that a watch is about. */
export interface Selection {
  readonly namespace: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

const serviceShape = z.object({ spec: z.object({ clusterIP: z.string() }) });
const watchEvent = z.object({ type: z.string(), object: z.unknown() });
const WATCH_AGAIN_MS = 300;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const kubeconfigShape = z.object({
  clusters: z.tuple(
    [
      z.object({
        cluster: z.object({
          server: z.string(),
          'certificate-authority-data': z.string().optional(),
          'certificate-authority': z.string().optional(),
          'insecure-skip-tls-verify': z.boolean().default(false),
        }),
      }),
    ],
    z.unknown(),
  ),
  users: z.tuple(
    [
      z.object({
        user: z.object({
          'client-certificate-data': z.string().optional(),
          'client-certificate': z.string().optional(),
          'client-key-data': z.string().optional(),
          'client-key': z.string().optional(),
          token: z.string().optional(),
        }),
      }),
    ],
    z.unknown(),
  ),
});

const REQUEST_TIMEOUT_MS = 15_000;

/**
 * The scenarios' own window on the API server: plain requests, no cache and no retries, so that what a scenario sees is what is there,
 * and a fault of the product's client can't hide in the client that checks it. Objects are `unknown`; each caller parses what it needs.
 */
export class KubeApi {
  readonly #server: string;
  readonly #agent: Agent;
  readonly #headers: Record<string, string>;

  private constructor(server: string, agent: Agent, headers: Record<string, string>) {
    this.#server = server;
    this.#agent = agent;
    this.#headers = headers;
  }

  /** From the first cluster and user of a kubeconfig with certificates or a token. */
  static fromKubeconfig(path: string): KubeApi {
    const { clusters, users } = kubeconfigShape.parse(parse(readFileSync(path, 'utf8')));
    const { cluster } = clusters[0];
    const { user } = users[0];
    const material = (data: string | undefined, file: string | undefined): { value?: Buffer } => {
      if (data !== undefined) return { value: Buffer.from(data, 'base64') };
      return file === undefined ? {} : { value: readFileSync(file) };
    };
    const ca = material(cluster['certificate-authority-data'], cluster['certificate-authority']).value;
    const cert = material(user['client-certificate-data'], user['client-certificate']).value;
    const key = material(user['client-key-data'], user['client-key']).value;
    const agent = new Agent({
      keepAlive: true,
      maxSockets: 16,
      rejectUnauthorized: !cluster['insecure-skip-tls-verify'],
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
    });
    return new KubeApi(
      cluster.server,
      agent,
      user.token === undefined ? {} : { authorization: `Bearer ${user.token}` },
    );
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Addresses under which pods reach the API server: that of its Service, and those behind it. */
  async apiAddresses(): Promise<string[]> {
    const service = serviceShape.parse(await this.get(resources.services, 'default', 'kubernetes'));
    return [service.spec.clusterIP, new URL(this.#server).hostname];
  }

  /** The object, or undefined when there is none. */
  async get(resource: Resource, namespace: string, name: string): Promise<unknown> {
    const { status, body } = await this.request('GET', path(resource, namespace, name));
    if (status === 404) return undefined;
    return parsed(status, body);
  }

  async list(resource: Resource, namespace: string, labelSelector = ''): Promise<unknown[]> {
    const query = labelSelector === '' ? '' : `?labelSelector=${encodeURIComponent(labelSelector)}`;
    const { status, body } = await this.request('GET', `${path(resource, namespace)}${query}`);
    return z.object({ items: z.array(z.unknown()).nullable() }).parse(parsed(status, body)).items ?? [];
  }

  /** `strict` asks the API server to refuse fields that the schema does not know, as kubectl does. */
  async create(resource: Resource, namespace: string, object: object): Promise<unknown> {
    const { status, body } = await this.request('POST', `${path(resource, namespace)}?fieldValidation=Strict`, object);
    return parsed(status, body);
  }

  /**
   * Calls back with each object as it is now and whenever it changes, until the signal is aborted. Begins anew when the connection ends;
   * then objects that did not change come again.
   */
  async watch(
    resource: Resource,
    { namespace, labelSelector, fieldSelector }: Selection,
    onObject: (object: unknown) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const query = new URLSearchParams({ watch: '1' });
    if (labelSelector !== undefined) query.set('labelSelector', labelSelector);
    if (fieldSelector !== undefined) query.set('fieldSelector', fieldSelector);
    const url = new URL(`${path(resource, namespace)}?${query.toString()}`, this.#server);
    while (!signal.aborted) {
      await this.#stream(url, onObject, signal).catch(() => undefined);
      await sleep(WATCH_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One connection of a watch, to its end. */
  #stream(url: URL, onObject: (object: unknown) => void, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { headers: this.#headers, agent: this.#agent, signal }, (incoming) => {
        const lines = createInterface({ input: incoming });
        lines.on('line', (line) => {
          const { type, object } = watchEvent.parse(JSON.parse(line));
          if (type === 'ADDED' || type === 'MODIFIED') onObject(object);
        });
        lines.on('error', reject);
        lines.on('close', resolve);
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
  }

  /** JSON merge patch. */
  async merge(resource: Resource, namespace: string, name: string, patch: object, subresource = ''): Promise<unknown> {
    const target = `${path(resource, namespace, name)}${subresource === '' ? '' : `/${subresource}`}`;
    const { status, body } = await this.request('PATCH', target, patch, 'application/merge-patch+json');
    return parsed(status, body);
  }

  /** Deletes; an object that does not exist is fine. */
  async remove(
    resource: Resource,
    namespace: string,
    name: string,
    options: { gracePeriodSeconds?: number } = {},
  ): Promise<void> {
    const { status, body } = await this.request('DELETE', path(resource, namespace, name), {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      ...options,
    });
    if (status !== 404) parsed(status, body);
  }

  /** The end of a container's log as text; of the run before with `previous`. */
  async logs(
    namespace: string,
    pod: string,
    container: string,
    options: { tailLines: number; previous?: boolean },
  ): Promise<string> {
    const query = `container=${container}&tailLines=${options.tailLines}${options.previous === true ? '&previous=true' : ''}`;
    return (await this.request('GET', `/api/v1/namespaces/${namespace}/pods/${pod}/log?${query}`)).body;
  }

  /** What `kubectl get` prints: the cells by the name of the column. */
  async printedRow(resource: Resource, namespace: string, name: string): Promise<Record<string, unknown>> {
    const { status, body } = await this.request(
      'GET',
      path(resource, namespace, name),
      undefined,
      undefined,
      'application/json;as=Table;v=v1;g=meta.k8s.io',
    );
    const table = z
      .object({
        columnDefinitions: z.array(z.object({ name: z.string() })),
        rows: z.tuple([z.object({ cells: z.array(z.unknown()) })]),
      })
      .parse(parsed(status, body));
    return Object.fromEntries(
      table.columnDefinitions.map((column, index) => [column.name, table.rows[0].cells[index]]),
    );
  }

  /** Any request, any answer: throws only when there is none. */
  request(
    method: string,
    target: string,
    object?: object,
    contentType = 'application/json',
    accept = 'application/json',
  ): Promise<Answer> {
    const payload = object === undefined ? undefined : JSON.stringify(object);
    const url = new URL(target, this.#server);
    const headers: Record<string, string> = { ...this.#headers, accept };
    if (payload !== undefined) {
      headers['content-type'] = contentType;
      // Node sends the body of a DELETE without saying that there is one.
      headers['content-length'] = String(Buffer.byteLength(payload));
    }
    return new Promise((resolve, reject) => {
      const outgoing = request(
        url,
        { method, headers, agent: this.#agent, timeout: REQUEST_TIMEOUT_MS },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () => {
            resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
          });
          incoming.on('error', reject);
        },
      );
      outgoing.on('timeout', () =>
        outgoing.destroy(new Error(`no answer from the API server within ${REQUEST_TIMEOUT_MS} ms`)),
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  }
}

function path({ apiVersion, plural }: Resource, namespace: string, name?: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = namespace === '' ? '' : `/namespaces/${namespace}`;
  return `${root}${scope}/${plural}${name === undefined ? '' : `/${name}`}`;
}

function parsed(status: number, body: string): unknown {
  if (status >= 200 && status < 300) return JSON.parse(body);
  throw new KubeApiError(status, messageOf(body));
}

function messageOf(body: string): string {
  try {
    return z.object({ message: z.string() }).parse(JSON.parse(body)).message;
  } catch {
    return body.slice(0, 500);
  }
}
