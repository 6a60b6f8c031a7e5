import { GtidSet } from '@pilotfish/gtid';
import {
  commitEmptyTransactions,
  resetReplication,
  setSuperReadOnly,
  startApplier,
  stopReplication,
} from '@pilotfish/mysql';
import type { Repair } from '@pilotfish/topology';
import { closeBySql } from './close-by-sql.ts';
import { holdInstance } from './hold-instance.ts';
import type { PlanAgent, PlanMember } from './plan-member.ts';
import { StepFailed, type TaskContext } from './plan-run.ts';
import { follow } from './replication.ts';

const deadlineMs = 5_000;
const fenceDeadlineMs = 10_000;
/** It reads every binary log that holds one of them. */
const examineDeadlineMs = 60_000;

/** Does one repair. Each can be done again: it brings about a state, whatever the last attempt left behind. */
export async function applyRepair(repair: Repair, context: TaskContext): Promise<void> {
  switch (repair.do) {
    case 'attach':
      await attach(repair.instance, repair.source, context);
      return;
    case 'detach':
      await detach(repair.instance, context);
      return;
    case 'make-read-only':
      await setSuperReadOnly(await need(repair.instance, context).watch.admin(), { deadlineMs });
      need(repair.instance, context).watch.look();
      return;
    case 'close':
      await close(repair.instance, repair.reason, context);
      return;
    case 'hold':
      await holdInstance(need(repair.instance, context), repair.reason, context.credentials, fenceDeadlineMs);
      return;
    case 'clone':
      await clone(repair, context);
      return;
    case 'examine':
      await examine(repair, context);
      return;
    case 'fill':
      await fill(repair, context);
      return;
    case 'start-applier':
      await startApplier(await need(repair.instance, context).watch.admin(), { deadlineMs });
      return;
    case 'wait':
      return;
    default:
      repair satisfies never;
  }
}

function need(name: string, context: TaskContext) {
  const member = context.member(name);
  if (!member) throw new StepFailed(`${name} is not there`);
  return member;
}

/** Such repairs are not planned for a server without an agent. */
function agentOf({ name, agent }: PlanMember): PlanAgent {
  if (!agent) throw new StepFailed(`no agent is beside ${name}`);
  return agent;
}

async function attach(name: string, sourceName: string, context: TaskContext): Promise<void> {
  const { credentials, signal } = context;
  const source = need(sourceName, context);
  const isMember = context.record.current.ackSet.members.includes(name);
  await follow(need(name, context), { source, isMember, credentials, deadlineMs, signal });
  context.announce.event('instance-attached', { instance: name, source: sourceName });
}

/** A primary held everything when it was opened: what a source would still send it is no part of this epoch. */
async function detach(name: string, context: TaskContext): Promise<void> {
  const member = need(name, context);
  const session = await member.watch.admin();
  context.signal.throwIfAborted();
  await stopReplication(session, { deadlineMs });
  context.signal.throwIfAborted();
  await resetReplication(session, { deadlineMs });
  member.watch.look();
}

/**
 * Closes a server that is open and is not the primary. One whose commits wait for their acknowledgement can't be closed by
 * a statement: its agent kills it, and it comes back closed.
 */
async function close(name: string, reason: string, context: TaskContext): Promise<void> {
  const member = need(name, context);
  const { watch, agent } = member;
  if (agent) {
    try {
      await setSuperReadOnly(await watch.admin(), { deadlineMs: 1_000 });
    } catch (error: unknown) {
      context.logger.warn({ instance: name, err: error }, 'an open server did not close by itself');
      await agent.fence(reason, fenceDeadlineMs);
      context.announce.event('primary-fenced', { instance: name });
    }
  } else if (await closeBySql(member, context.credentials)) {
    context.announce.event('primary-fenced', { instance: name });
  }
  watch.look();
}

async function clone(repair: Extract<Repair, { do: 'clone' }>, context: TaskContext): Promise<void> {
  const { instance, donor, reason, errant } = repair;
  if (errant) context.announce.event('instance-diverged', { instance, errant: errant.toString() });
  const { host, port } = need(donor, context);
  const order = {
    donorHost: host,
    donorPort: port,
    reason,
    ...(errant && { saveErrant: errant.toString() }),
  };
  const member = need(instance, context);
  // It discards what is there: no order of a former owner may reach an instance that leads by now.
  await context.record.confirm();
  await agentOf(member).clone(order, deadlineMs);
  member.noteCloneOrdered();
  context.announce.event('instance-reclone-started', { instance, donor, reason: reason.slice(0, 500) });
}

async function examine({ instance, errant }: Extract<Repair, { do: 'examine' }>, context: TaskContext): Promise<void> {
  const member = need(instance, context);
  const noOps = GtidSet.parse(await agentOf(member).noOps(errant.toString(), examineDeadlineMs));
  member.noteExamined({ asked: errant, noOps });
  context.logger.info({ instance, errant: errant.toString(), noOps: noOps.toString() }, 'errant transactions examined');
}

async function fill({ instance, gtids }: Extract<Repair, { do: 'fill' }>, context: TaskContext): Promise<void> {
  const primary = need(context.record.current.primary, context);
  await context.record.confirmEpoch();
  await commitEmptyTransactions(await primary.watch.admin(), gtids.transactions(), { deadlineMs });
  context.announce.event('errant-filled', { instance, gtids: gtids.toString() });
  primary.watch.look();
}
