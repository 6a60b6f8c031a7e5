import type { GtidSet } from '@pilotfish/gtid';
import { type SqlSession, stopReceiver } from '@pilotfish/mysql';
import {
  type AckSet,
  chooseCandidate,
  heldBy,
  type InstanceEvidence,
  type InstanceView,
  instanceNamed,
  membersToSee,
  provenReceived,
  viewOf,
  witnessesOf,
} from '@pilotfish/topology';
import type { PlanMember } from '../plan-member.ts';
import { type PlanRun, StepFailed } from '../plan-run.ts';

/** A receiver that still believes in its source stops in 30 ms, one that reconnects to a hung source in 2 s. */
const stopDeadlineMs = 1_200;

/**
 * Stops every receiver that can be reached, and looks at each instance again: what they hold now is what they will have.
 * With enough of the ack set stopped, the old primary can have nothing acknowledged, wherever it is.
 */
export async function stopReceivers(run: PlanRun): Promise<void> {
  const snapshot = run.context.snapshot();
  const reachable = snapshot.instances.filter((instance) => instance.name !== run.plan.from && viewOf(instance));
  run.seen.clear();
  await Promise.allSettled(
    reachable.map(async (instance) => {
      const { clock } = run.context;
      run.seen.set(instance.name, { ...(await stopOne(run.need(instance.name))), atMs: clock.nowMs() });
    }),
  );
}

async function stopOne(member: PlanMember): Promise<{ session: SqlSession; view: InstanceView }> {
  const session = await member.watch.admin();
  await stopReceiver(session, { deadlineMs: stopDeadlineMs });
  return { session, view: await member.watch.observeNow(session) };
}

/** Sees enough of the previous ack set, and takes the instance that holds everything that the others hold. */
export function chooseCandidateNow(run: PlanRun): void {
  const { plan } = run;
  const snapshot = run.context.snapshot();
  const evidence = snapshot.instances.flatMap((instance) => {
    const view = run.seen.get(instance.name)?.view;
    return view ? [{ ...instance, contact: { kind: 'observed' as const, view, ageMs: 0 } }] : [];
  });
  if (plan.safeBy === 'old-primary') {
    // The primary of the new epoch stands for it, as the old one does for its own.
    if (!run.seen.has(run.topology.primary)) seeEnough(run.ackSet, evidence);
  } else if (plan.safeBy !== 'fence') seeEnough(plan.previousAckSet, evidence);
  const from = instanceNamed(snapshot, plan.from);
  const wanted = plan.insists ? plan.to : undefined;
  const choosing = { policy: snapshot.policy, from, canFetch: true, wanted };
  const choice = chooseCandidate(evidence, choosing);
  if (choice.kind === 'none') throw new StepFailed(choice.reason);
  if (plan.safeBy === 'old-primary') {
    const old = viewOf(from);
    if (!old?.readOnly) throw new StepFailed(`${plan.from} does not answer, closed`);
    if (!choice.mustApply.contains(old.executed)) throw new StepFailed(`${plan.from} holds what nobody else has`);
  }
  run.mustApply = choice.mustApply;
  run.via = choice.via;
  run.formerPrimary = formerPrimaryOf(run);
  // The instance that was announced is kept when it is as good: then nothing has to be recorded again.
  const planned = evidence.filter(({ name, contact }) => name === run.candidate && hasAll(contact.view, run.mustApply));
  if (chooseCandidate(planned, choosing).kind === 'none') run.candidate = choice.name;
}

/** @throws StepFailed */
function seeEnough(ackSet: AckSet, evidence: readonly InstanceEvidence[]): void {
  const witnesses = witnessesOf(ackSet, evidence).length;
  const need = membersToSee(ackSet);
  if (witnesses >= need) return;
  throw new StepFailed(
    `${String(witnesses)} of the ack set {${ackSet.members.join(', ')}} stopped their receivers and have kept what they received, and ${String(need)} must`,
  );
}

const hasAll = (view: InstanceView, wanted: GtidSet): boolean => heldBy(view).contains(wanted);

function formerPrimaryOf(run: PlanRun): PlanRun['formerPrimary'] {
  const { from: name, previousAckSet: ackSet } = run.plan;
  const serverUuid = run.context.member(name)?.watch.lastView?.serverUuid;
  if (serverUuid === undefined) return undefined;
  const seen = new Map([...run.seen].map(([instance, { view }]) => [instance, view]));
  const received = provenReceived(run.context.snapshot(), { name, serverUuid, ackSet }, seen);
  return received && { name, serverUuid, received };
}
