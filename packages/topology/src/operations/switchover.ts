import { z } from 'zod';
import { chooseCandidate } from '../candidate.ts';
import { switchoverSteps } from '../plan.ts';
import type { InstanceEvidence, Snapshot } from '../snapshot.ts';
import { defineOperation, instanceName } from './operation.ts';
import { openPrimary, whyNotCaughtUp, whyNotFit } from './predicates.ts';
import { refuse } from './refusal.ts';

/** A planned change of the primary: writes pause for milliseconds. */
export const switchover = defineOperation({
  name: 'switchover',
  summary: 'Makes another instance primary while everything works; writes pause for milliseconds.',
  description:
    'The target replicates from the primary, less than 10 s behind, and nothing forbids its promotion. When a step fails before the old primary is closed, it stays primary; after that the switchover ends as a failover.',
  params: z.strictObject({ to: instanceName.optional().describe('the new primary; left out: the best replica') }),
  plan(snapshot, { to }, { by, reason }) {
    const primary = openPrimary(snapshot);
    if ('refused' in primary) return primary;
    const target = to === undefined ? best(snapshot, primary.evidence) : to;
    if (typeof target !== 'string') return target;
    const obstacle = whyNotFit(snapshot, target) ?? whyNotCaughtUp(snapshot, target, primary.evidence);
    if (obstacle) return obstacle;
    return {
      plan: {
        kind: 'switchover',
        from: primary.evidence.name,
        to: target,
        reason: `ordered by ${by}${reason === '' ? '' : `: ${reason}`}`,
        previousAckSet: snapshot.recorded.ackSet,
        steps: switchoverSteps,
      },
    };
  },
});

function best(snapshot: Snapshot, primary: InstanceEvidence) {
  const able = snapshot.instances.filter(
    ({ name }) => !(whyNotFit(snapshot, name) ?? whyNotCaughtUp(snapshot, name, primary)),
  );
  const choice = chooseCandidate(able, { policy: snapshot.policy, from: primary });
  if (choice.kind === 'chosen') return choice.name;
  const obstacles = snapshot.instances
    .filter((instance) => instance !== primary)
    .map(({ name }) => (whyNotFit(snapshot, name) ?? whyNotCaughtUp(snapshot, name, primary))?.refused.message);
  return refuse('NoCandidate', ['no replica can take over', ...obstacles.filter(Boolean)].join('; '));
}
