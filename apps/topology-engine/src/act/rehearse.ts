import type { TopologyStatus } from '@pilotfish/api';
import { type Observation, StatementLog } from '@pilotfish/mysql';
import type { Clock } from '@pilotfish/service';
import { type InstanceView, instanceNamed, type Plan, type Snapshot, type Step, viewOf } from '@pilotfish/topology';
import type { TopologyStore } from '../inventory.ts';
import { TopologyRecord } from '../record/topology-record.ts';
import type { PlanAgent, PlanMember } from './plan-member.ts';
import { type PlanContext, PlanRun } from './plan-run.ts';
import { attempt } from './run-plan.ts';

/** Something that a step would say. */
export interface RehearsedStatement {
  /** To whose server or agent; empty: to `status.topology`. */
  readonly instance: string;
  readonly via: 'sql' | 'agent' | 'record';
  readonly text: string;
}

export type Rehearsal = readonly (Step & {
  readonly statements: readonly RehearsedStatement[];
  /** Why the step would fail as things are. */
  readonly problem?: string;
})[];

type Write = (statement: RehearsedStatement) => void;

/**
 * Runs the steps of a plan against servers, agents and a record that only write down what they are told: what the real run
 * says comes from the same code. Every instance is taken to be as it was seen last, and every wait to be over at once.
 */
export async function rehearse(plan: Plan, context: PlanContext): Promise<Rehearsal> {
  let said: RehearsedStatement[] = [];
  const run = new PlanRun(plan, await stage(plan, context, (statement) => said.push(statement)));
  const rehearsal: Rehearsal[number][] = [];
  for (const step of plan.steps) {
    said = [];
    const failure = await attempt(step, run);
    rehearsal.push({ ...step, statements: said, ...(failure && { problem: failure.message }) });
  }
  return rehearsal;
}

async function stage({ to }: Plan, real: PlanContext, write: Write): Promise<PlanContext> {
  const snapshot = real.snapshot();
  const members = real.members().map((member) => rehearsed(member, snapshot, write));
  return {
    engine: real.engine,
    record: await TopologyRecord.open(new WrittenDown(real.record.current, write), ''),
    announce: { event: () => undefined },
    credentials: { ...real.credentials, replication: { ...real.credentials.replication, password: '***' } },
    clock: new HurriedClock(real.clock),
    logger: real.logger.child({}, { level: 'silent' }),
    snapshot: () => snapshot,
    member: (name) => members.find((member) => member.name === name),
    members: () => members,
    role: (name) => (real.role(name) === undefined ? undefined : name === to ? 'master' : 'replica'),
  };
}

function rehearsed(member: PlanMember, snapshot: Snapshot, write: Write): PlanMember {
  const { name, host, port, address } = member;
  const contact = member.watch.contact();
  const lastView = viewOf(instanceNamed(snapshot, name));
  const needView = (): InstanceView => {
    if (!lastView) throw new Error(`${name} does not answer`);
    return lastView;
  };
  const session = () =>
    Promise.resolve().then(
      () => new StatementLog(observationOf(needView()), (text) => write({ instance: name, via: 'sql', text })),
    );
  return {
    name,
    host,
    port,
    address,
    noteCloneOrdered: () => undefined,
    noteExamined: () => undefined,
    noteStartOrdered: () => undefined,
    agent: member.agent && agentOnPaper((text) => write({ instance: name, via: 'agent', text })),
    watch: {
      contact: () => contact,
      lastView,
      look: () => undefined,
      observeNow: () => Promise.resolve().then(needView),
      admin: session,
      secondAdmin: session,
    },
  };
}

function agentOnPaper(write: (text: string) => void): PlanAgent {
  const call = (path: string, body: object = {}) => {
    write(`POST ${path} ${JSON.stringify(body)}`);
    return Promise.resolve();
  };
  return {
    bootstrap: () => call('/v1/bootstrap'),
    clone: (order) => call('/v1/clone', order),
    fence: (reason) => call('/v1/fence', { reason, hold: false }),
    hold: (reason) => call('/v1/fence', { reason, hold: true }),
    release: () => call('/v1/unfence'),
    state: () => Promise.reject(new Error('a rehearsal asks nobody')),
    rewind: (order) => call('/v1/rewind', order).then(() => ''),
    start: (wait) => call('/v1/start', { wait }),
    noOps: (gtids) => call('/v1/no-ops', { gtids }).then(() => ''),
  };
}

/** The part of an observation that steps read. */
function observationOf(view: InstanceView): Observation {
  const { replication, executed, purged, heartbeatAgeMs, clockOffsetMs: _, uptimeMs, ...same } = view;
  return {
    ...same,
    serverId: 0,
    version: '',
    superReadOnly: view.readOnly,
    gtidExecuted: executed.toString(),
    gtidPurged: purged.toString(),
    semiSyncWaitSessions: 0,
    heartbeatAgeMs,
    uptimeSeconds: Math.floor(uptimeMs / 1_000),
    clockMs: 0,
    replication: replication && {
      ...replication,
      sourcePort: 0,
      lastHeardMsAgo: replication.lastHeardMs,
      received: replication.received.toString(),
    },
  };
}

/** Keeps the record on paper; each change shows the fields that it changes. */
class WrittenDown implements TopologyStore {
  #topology: TopologyStatus;
  readonly #write: Write;

  constructor(topology: TopologyStatus, write: Write) {
    this.#topology = topology;
    this.#write = write;
  }

  read(): Promise<TopologyStatus> {
    return Promise.resolve(this.#topology);
  }

  replace(_key: string, next: TopologyStatus): Promise<boolean> {
    const before: Readonly<Record<string, unknown>> = this.#topology;
    const changed = Object.entries(next).filter(
      ([name, value]) => JSON.stringify(before[name]) !== JSON.stringify(value),
    );
    const removed = Object.keys(before).filter((name) => !(name in next));
    const change = Object.fromEntries([...changed, ...removed.map((name) => [name, null] as const)]);
    if (Object.keys(change).length > 0) this.#write({ instance: '', via: 'record', text: JSON.stringify(change) });
    this.#topology = next;
    return Promise.resolve(true);
  }

  setConditions(): Promise<void> {
    return Promise.resolve();
  }
}

/** Whoever sleeps wakes at once, so much later. */
class HurriedClock implements Clock {
  readonly #real: Clock;
  #aheadMs = 0;

  constructor(real: Clock) {
    this.#real = real;
  }

  nowMs(): number {
    return this.#real.nowMs() + this.#aheadMs;
  }

  wall(): Date {
    return this.#real.wall();
  }

  sleep(ms: number): Promise<void> {
    this.#aheadMs += ms;
    return Promise.resolve();
  }
}
