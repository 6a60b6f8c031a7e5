import { randomUUID } from 'node:crypto';
import { type Operation, type OperationName, operations } from '@pilotfish/topology';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Order } from '../../act/order.ts';
import type { Preview } from '../../act/order-desk.ts';
import type { RunLog, RunReport } from '../../act/run-log.ts';
import type { Caller } from '../authenticator.ts';
import { type ClusterControl, controlOf, type Engine } from '../engine.ts';
import type { Idempotency } from '../idempotency.ts';
import { Refused, refusedOrder } from '../refused.ts';
import { clusterOf, type Route, readBody } from '../route.ts';
import { type PreviewView, preview, run } from '../schemas.ts';

const longestWaitSeconds = 60;
/** Of a user, as `status.topology.orders` takes it. */
const longestName = 253;

/** What every order may carry beside its own parameters. */
const common = {
  dryRun: z.boolean().default(false).describe('only tell what would be done, statement by statement'),
  reason: z.string().max(500).default('').describe('for the audit'),
  epoch: z.int().min(0).optional().describe('the epoch that you have seen: refused as stale when it has ended'),
  planId: z
    .string()
    .max(64)
    .optional()
    .describe('from a dry run: refused as stale when the plan is another one by now'),
};

const commonBody = z.object(common);

const headers = {
  'Idempotency-Key': 'a text of yours: the same order with the same key is carried out once within an hour',
  Prefer: `wait=SECONDS, at most ${String(longestWaitSeconds)}: answer when it has ended`,
};

/** A POST for each operation. */
export function giveOrders(engine: Engine, idempotency: Idempotency): Route[] {
  return operations.map((operation) => {
    const body = operation.params.extend(common);
    return {
      method: 'post',
      path: `/clusters/{namespace}/{name}/${operation.name}`,
      id: operation.name,
      summary: operation.summary,
      description: operation.description,
      verb: operation.name,
      body,
      headers,
      owner: 'required',
      answers: {
        200: {
          description: 'The dry run; or, with `Prefer: wait`, the run that has ended: see its `state`.',
          schemas: [preview, run],
        },
        202: { description: 'It has begun; `Location` tells where to look.', schemas: [run] },
      },
      async handle(request, response, caller) {
        const control = controlOf(engine, clusterOf(request).key);
        const order = orderOf(operation, readBody(body, request), caller);
        if (readBody(commonBody, request).dryRun) {
          const previewed = await control.orders.preview(order);
          if ('refused' in previewed) throw refusedOrder(previewed.refused);
          response.json(describePreview(previewed, control.look()?.topology.epoch ?? 0));
          return;
        }
        const runId = await begin(order, control, request, response, idempotency);
        await tell(control.runs, runId, request, response);
      },
    };
  });
}

function orderOf(
  { name, params }: Operation & { readonly name: OperationName },
  body: Readonly<Record<string, unknown>>,
  caller: Caller,
): Order {
  const { epoch, planId, reason } = commonBody.parse(body);
  const own = Object.fromEntries(Object.entries(body).filter(([field]) => field in params.shape));
  const id = `op-${randomUUID().slice(0, 8)}`;
  const by = caller.name.slice(0, longestName);
  return { id, operation: name, params: own, by, reason, epoch, planId };
}

/** @returns the id of the run that has begun, or had for the same key before */
async function begin(
  order: Order,
  control: ClusterControl,
  request: Request,
  response: Response,
  idempotency: Idempotency,
): Promise<string> {
  const submit = async (): Promise<string> => {
    const answer = await control.orders.submit(order);
    if ('refused' in answer) throw refusedOrder(answer.refused);
    return answer.accepted.id;
  };
  const key = request.get('Idempotency-Key');
  if (key === undefined) return await submit();
  if (key === '' || key.length > 255)
    throw new Refused(400, 'BadRequest', 'an Idempotency-Key has 1 to 255 characters');
  const scope = JSON.stringify([order.by, clusterOf(request).key]);
  const asked = JSON.stringify([order.operation, order.params, order.reason, order.epoch, order.planId]);
  const { runId, isRepeated } = await idempotency.runOf(key, scope, asked, submit);
  if (isRepeated) response.setHeader('Idempotency-Replayed', 'true');
  return runId;
}

async function tell(runs: RunLog, id: string, request: Request, response: Response): Promise<void> {
  const seconds = Number(/(?:^|,)\s*wait=(\d{1,4})\b/.exec(request.get('Prefer') ?? '')?.[1] ?? 0);
  const report = await ended(runs, id, Math.min(seconds, longestWaitSeconds) * 1_000);
  if (!report) throw new Refused(404, 'UnknownRun', `run ${id} is no longer kept here`);
  const { namespace, name } = clusterOf(request);
  response.setHeader('Location', `/api/v1/clusters/${namespace}/${name}/operations/${id}`);
  response.status(report.state === 'running' ? 202 : 200).json(report);
}

/** The run as it is when it has ended or the time is over. */
async function ended(runs: RunLog, id: string, waitMs: number): Promise<RunReport | undefined> {
  if (waitMs === 0 || runs.get(id)?.state !== 'running') return runs.get(id);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, waitMs);
    const stop = runs.onChange((report) => {
      if (report.id === id && report.state !== 'running') done();
    });
    function done(): void {
      clearTimeout(timer);
      stop();
      resolve();
    }
  });
  return runs.get(id);
}

function describePreview({ plan, planId, steps }: Preview, epoch: number): PreviewView {
  const { kind, from, to, reason } = plan;
  return {
    planId,
    epoch,
    kind,
    from,
    to,
    reason,
    steps: steps.map(({ beside: _, statements, ...step }) => ({ ...step, statements: [...statements] })),
  };
}
