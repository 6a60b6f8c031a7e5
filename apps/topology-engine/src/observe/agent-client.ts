import { Agent, request } from 'node:http';
import type { AgentView } from '@pilotfish/topology';
import { z } from 'zod';
import type { Tenure } from '../tenure.ts';

const agentState = z.object({
  podUid: z.string().optional(),
  mysqld: z.object({
    running: z.boolean(),
    blank: z.boolean(),
    hungMs: z.number().default(0),
    awaitingBoundary: z.object({ id: z.string(), source: z.string() }).optional(),
  }),
  isolation: z.object({ isolated: z.boolean() }).default({ isolated: false }),
  provisioning: z.object({
    phase: z.enum(['none', 'initializing', 'ready', 'cloning', 'saving-errant', 'failed']),
    detail: z.string().optional(),
  }),
  disk: z.object({
    totalBytes: z.number(),
    freeBytes: z.number(),
    readOnly: z.boolean(),
    stalledMs: z.number().default(0),
  }),
  errantSaved: z
    .array(z.object({ at: z.string(), gtids: z.string(), bytes: z.number(), path: z.string() }))
    .default([]),
});

const rewindAnswer = z.object({ gtids: z.string() });
const noOpsAnswer = z.object({ noOps: z.string() });

const agentReport = z.object({ version: z.string(), state: agentState });

export type AgentState = z.output<typeof agentState>;

/** Below this share of free space mysqld stops writing soon: 1 %, and at most 16 MiB. */
const fullShare = 0.01;
const fullBytes = 16 * 1024 * 1024;

const connections = new Agent({ keepAlive: true, maxSockets: 4, timeout: 30_000 });
const longestAnswer = 1024 * 1024;

/** The agent answered with a status of 300 or more. */
export class AgentRefusal extends Error {
  override readonly name = 'AgentRefusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface AgentClientOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  /** For whom it gives orders: asked right before each one. Absent: it gives none. */
  readonly owner?: Pick<Tenure, 'term' | 'check'>;
}

/** The agent beside one mysqld, over HTTP with the cluster's bearer token. */
export class AgentClient {
  readonly #host: string;
  readonly #port: number;
  readonly #owner: AgentClientOptions['owner'];
  #token: string;

  constructor({ host, port, token, owner }: AgentClientOptions) {
    this.#host = host;
    this.#port = port;
    this.#token = token;
    this.#owner = owner;
  }

  /** From now on calls carry this token. */
  useToken(token: string): void {
    this.#token = token;
  }

  async state(deadlineMs: number): Promise<AgentState> {
    return agentState.parse(await this.#call('GET', '/v1/state', undefined, deadlineMs));
  }

  /** Held by the agent until its report is another than `since`, and for 4 s at most. */
  async watch(since: string, deadlineMs: number, signal: AbortSignal): Promise<{ version: string; state: AgentState }> {
    const path = `/v1/watch?since=${encodeURIComponent(since)}`;
    return agentReport.parse(await this.#call('GET', path, undefined, deadlineMs, signal));
  }

  /** Makes the accounts and databases of a new cluster on this instance. Idempotent. */
  async bootstrap(deadlineMs: number): Promise<void> {
    await this.#call('POST', '/v1/bootstrap', {}, deadlineMs);
  }

  /** Starts copying a donor's data over this instance; errant transactions are saved first. Progress is in the state. */
  async clone(
    order: { donorHost: string; donorPort: number; saveErrant?: string; reason: string },
    deadlineMs: number,
  ): Promise<void> {
    await this.#call('POST', '/v1/clone', order, deadlineMs);
  }

  /** Kills mysqld (it is started again, closed). Answers when the process is gone. */
  async fence(reason: string, deadlineMs: number): Promise<void> {
    await this.#call('POST', '/v1/fence', { reason, hold: false }, deadlineMs);
  }

  /**
   * Has a server that waits to start cut off what others have not received of its transactions.
   * @returns the transactions that were cut, as a GTID set
   */
  async rewind(order: { wait: string; source: string; received: string }, deadlineMs: number): Promise<string> {
    return rewindAnswer.parse(await this.#call('POST', '/v1/rewind', order, deadlineMs)).gtids;
  }

  /** Has a server that waits to start do so with all that it has. */
  async start(wait: string, deadlineMs: number): Promise<void> {
    await this.#call('POST', '/v1/start', { wait }, deadlineMs);
  }

  /** Those of the transactions (GTID set) that its binary logs prove to change nothing. */
  async noOps(gtids: string, deadlineMs: number): Promise<string> {
    return noOpsAnswer.parse(await this.#call('POST', '/v1/no-ops', { gtids }, deadlineMs)).noOps;
  }

  /** Kills mysqld and keeps it from starting until `release`, or until the pod ends. */
  async hold(reason: string, deadlineMs: number): Promise<void> {
    await this.#call('POST', '/v1/fence', { reason, hold: true }, deadlineMs);
  }

  /** Lets mysqld start again. Idempotent. */
  async release(deadlineMs: number): Promise<void> {
    await this.#call('POST', '/v1/unfence', {}, deadlineMs);
  }

  #mayOrder(): void {
    if (!this.#owner) throw new Error('this client gives no orders');
    this.#owner.check();
  }

  #call(
    method: 'GET' | 'POST',
    path: string,
    body: unknown,
    deadlineMs: number,
    hangUp?: AbortSignal,
  ): Promise<unknown> {
    const late = AbortSignal.timeout(deadlineMs);
    return new Promise((resolve, reject) => {
      if (method === 'POST') this.#mayOrder();
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const outgoing = request(
        {
          agent: connections,
          host: this.#host,
          port: this.#port,
          method,
          path,
          signal: hangUp ? AbortSignal.any([late, hangUp]) : late,
          headers: {
            authorization: `Bearer ${this.#token}`,
            // Orders of an owner that was followed by another one are refused, however late they arrive.
            ...(this.#owner && { 'pilotfish-term': this.#owner.term }),
            ...(payload !== undefined && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(payload),
            }),
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
            if (text.length > longestAnswer) response.destroy(new Error('the agent answered more than 1 MiB'));
          });
          response.on('error', reject);
          response.on('end', () => {
            const status = response.statusCode ?? 0;
            if (status >= 300)
              reject(new AgentRefusal(status, `agent ${method} ${path}: ${status} ${text.slice(0, 300)}`));
            else resolve(text === '' ? {} : parseJson(text, reject));
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  }
}

function parseJson(text: string, reject: (reason: Error) => void): unknown {
  try {
    return JSON.parse(text);
  } catch (error: unknown) {
    reject(new Error('the agent answered something that is not JSON', { cause: error }));
    return undefined;
  }
}

/** The part of an agent's state that decisions read. */
export function agentView(state: AgentState): AgentView {
  const { mysqld, provisioning, disk, isolation } = state;
  const { awaitingBoundary } = mysqld;
  return {
    running: mysqld.running,
    ...(awaitingBoundary && { awaiting: { wait: awaitingBoundary.id, source: awaitingBoundary.source } }),
    blank: mysqld.blank,
    provisioning: provisioning.phase,
    detail: provisioning.detail ?? '',
    diskFull: disk.freeBytes < Math.min(fullBytes, disk.totalBytes * fullShare),
    fileSystemReadOnly: disk.readOnly,
    ioStalledMs: disk.stalledMs,
    hungMs: mysqld.hungMs,
    isolated: isolation.isolated,
  };
}
