import type { GtidSet } from '@pilotfish/gtid';
import type { Logger } from '@pilotfish/service';
import * as z from 'zod';
import { gatherState, type StateSources } from './agent-state.ts';
import { cloneRequest } from './clone.ts';
import { gtidSet } from './gtid-text.ts';
import type { Answer, Call, Route } from './http-server.ts';
import type { AgentMetrics } from './metrics.ts';
import type { OwnerTerms } from './owner-terms.ts';
import type { PreStopVerdict } from './pre-stop.ts';
import type { Provisioner } from './provisioner.ts';
import type { Readiness } from './readiness.ts';
import { Refusal } from './refusal.ts';
import type { ReportWatch } from './report-watch.ts';
import type { StartGate } from './start-gate.ts';

export interface RoutesOptions {
  readonly cluster: string;
  readonly pod: string;
  readonly sources: StateSources;
  readonly provisioner: Provisioner;
  readonly readiness: Readiness;
  readonly startGate: StartGate;
  readonly noOps: (wanted: GtidSet) => Promise<GtidSet>;
  readonly reports: ReportWatch;
  readonly owners: OwnerTerms;
  readonly preStop: (signal: AbortSignal) => Promise<PreStopVerdict>;
  readonly renderMetrics: () => Promise<Answer>;
  readonly metrics: AgentMetrics;
  readonly logger: Logger;
}

const reason = z.string().max(1000);
const fenceRequest = z.strictObject({ reason, hold: z.boolean() });
const uuid = z.string().regex(/^[0-9a-fA-F-]{36}$/, 'expected a server_uuid');
const rewindRequest = z.strictObject({ wait: z.string(), source: uuid, received: gtidSet });
const startRequest = z.strictObject({ wait: z.string() });
const noOpsRequest = z.strictObject({ gtids: gtidSet });
const empty = z.strictObject({});

/** Everything the agent can be asked. What a probe or a peer asks is open; what changes something takes the token. */
export function agentRoutes(options: RoutesOptions): Route[] {
  const {
    cluster,
    pod,
    sources,
    provisioner,
    readiness,
    startGate,
    reports,
    noOps,
    owners,
    preStop,
    renderMetrics,
    metrics,
    logger,
  } = options;
  const question = (path: string, handle: Handler): Route =>
    guarded('GET', path, (call) => {
      owners.hear(call.term);
      return handle(call);
    });
  const order = (path: string, handle: Handler): Route =>
    guarded('POST', path, (call) => {
      owners.admit(call.term);
      return handle(call);
    });
  return [
    open('/health', () => ok({ cluster, pod })),
    // It answers, so it lives. A hung or recovering mysqld is not for the kubelet to kill.
    open('/livez', () => ok({ ok: true })),
    open('/readyz', async () => {
      const problem = await readiness.problem();
      return problem === undefined ? ok({ ok: true }) : { status: 503, body: { ok: false, reason: problem } };
    }),
    open('/prestop', async ({ signal }) => {
      const verdict = await preStop(signal);
      metrics.preStops.inc({ verdict });
      return ok({ verdict });
    }),
    open('/metrics', renderMetrics),

    question('/v1/state', async () => ok(await gatherState(sources))),
    question('/v1/watch', async ({ query, signal }) => ok(await reports.next(query.get('since') ?? '', signal))),
    order('/v1/bootstrap', async ({ body }) => {
      read(empty, body);
      return ok({ outcome: await provisioner.bootstrap() });
    }),
    order('/v1/clone', async ({ body }) => {
      await provisioner.clone(read(cloneRequest, body));
      return { status: 202, body: {} };
    }),
    order('/v1/fence', async ({ body }) => {
      const request = read(fenceRequest, body);
      const pid = await (request.hold ? sources.mysqld.killAndHold(request.reason) : sources.mysqld.kill());
      metrics.fences.inc();
      logger.warn({ reason: request.reason, hold: request.hold, pid }, 'fenced');
      return ok(pid === undefined ? {} : { killedPid: pid });
    }),
    order('/v1/rewind', async ({ body }) => ok(await startGate.rewind(read(rewindRequest, body)))),
    order('/v1/start', ({ body }) => {
      startGate.start(read(startRequest, body).wait);
      return ok({});
    }),
    order('/v1/no-ops', async ({ body }) => {
      const proven = await noOps(read(noOpsRequest, body).gtids);
      return ok({ noOps: proven.toString() });
    }),
    order('/v1/unfence', async ({ body }) => {
      read(empty, body);
      await sources.mysqld.release();
      logger.info('unfenced');
      return ok({});
    }),
  ];
}

type Handler = (call: Call) => Answer | Promise<Answer>;

function open(path: string, handle: Handler): Route {
  return { method: 'GET', path, open: true, handle };
}

function guarded(method: 'GET' | 'POST', path: string, handle: Handler): Route {
  return { method, path, open: false, handle };
}

function ok(body: object): Answer {
  return { status: 200, body };
}

function read<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const result = schema.safeParse(body);
  if (!result.success) throw new Refusal(400, z.prettifyError(result.error));
  return result.data;
}
