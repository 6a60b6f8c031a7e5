import { z } from 'zod';
import { failover as replacePrimary } from '../failover.ts';
import { lagOf } from '../lag.ts';
import { heldBy, instanceNamed, type Snapshot, viewOf } from '../snapshot.ts';
import { timing } from '../timing.ts';
import { defineOperation, instanceName, type PlanOrRefusal } from './operation.ts';
import { whyNotFit } from './predicates.ts';
import { refuse } from './refusal.ts';

/** A failover that somebody orders without waiting for evidence against the primary. It loses as little as any other: nothing. */
export const failover = defineOperation({
  name: 'failover',
  summary: 'Replaces the primary as if it were dead: its server is killed, acknowledged writes are kept.',
  description:
    'Needs no evidence against the primary, but enough of the ack set to answer, or an acknowledged write could be lost; there is no way to force that. The target gets what it lacks from the others first, so it must not be far behind. When it may not lead any more by the time that nobody receives any more, another one is promoted, which `to` of the run tells.',
  params: z.strictObject({
    to: instanceName.optional().describe('the new primary; left out: the one with the least to apply'),
  }),
  plan(snapshot, { to }, { by, reason }) {
    const { primary, operation } = snapshot.recorded;
    if (primary === '') return refuse('NoPrimary', 'the cluster has no primary yet');
    if (operation) return refuse('NoPrimary', `${operation.kind} ${operation.id} is not done yet`);
    const ordered = `ordered by ${by}${reason === '' ? '' : `: ${reason}`}`;
    const { plan, hold } = replacePrimary(atOnce(snapshot), 'PrimaryDead', ordered);
    if (!plan) return refuse(hold?.reason ?? 'NoCandidate', hold?.message ?? 'there is nobody to take over');
    if (to === undefined) return whyNotFit(snapshot, plan.to) ?? { plan };
    return whyNotFit(snapshot, to) ?? whyFarBehind(snapshot, to) ?? { plan: { ...plan, to, insists: true } };
  },
});

/** What makes the engine wait by itself does not hold up somebody who wants it now. What keeps the data safe does. */
function atOnce(snapshot: Snapshot): Snapshot {
  const { paused: _paused, maxLagMs: _maxLagMs, ...failover } = snapshot.policy.failover;
  const now = { recoverPrimary: true, delayMs: 0, recoveryBlockMs: 0, whenBehind: 'drain' } as const;
  const instances = snapshot.policy.instances.map(({ downtime: _downtime, ...policy }) => policy);
  return { ...snapshot, policy: { ...snapshot.policy, failover: { ...failover, ...now }, instances } };
}

/** Nobody takes writes until the target has what it lacks. */
function whyFarBehind(snapshot: Snapshot, to: string): Extract<PlanOrRefusal, { refused: unknown }> | undefined {
  const view = viewOf(instanceNamed(snapshot, to));
  const ahead = snapshot.instances.filter((other) => {
    const otherView = other.name === snapshot.recorded.primary ? undefined : viewOf(other);
    return view && otherView && !heldBy(view).contains(heldBy(otherView));
  });
  if (!view || ahead.length === 0) return undefined;
  const lagMs = lagOf(view, snapshot);
  if (lagMs < timing.switchoverMaxLagMs) return undefined;
  const behind = `${to} is ${String(Math.round(lagMs))} ms behind, ${String(timing.switchoverMaxLagMs)} ms is the most`;
  return refuse(
    'NotCaughtUp',
    `${behind}, and lacks transactions that ${ahead.map(({ name }) => name).join(', ')} hold`,
  );
}
