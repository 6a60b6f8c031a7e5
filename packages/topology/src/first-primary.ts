import { chooseAdopted } from './adoption.ts';
import type { Decision } from './decision.ts';
import { whyUnreachable } from './instance-state.ts';
import { bootstrapSteps, type Plan } from './plan.ts';
import { instancePolicy } from './policy.ts';
import { type InstanceEvidence, type Snapshot, viewOf } from './snapshot.ts';

/** The first primary: an instance that has data (an adopted cluster), else the first that may lead once it answers. */
export function decideFirst(snapshot: Snapshot): Decision {
  if (snapshot.wantedReplicas === 0) return { state: 'Stopped' };
  const withData = snapshot.instances.filter((instance) => viewOf(instance)?.executed.isEmpty() === false);
  if (withData.length > 0) {
    const answering = snapshot.instances.filter((instance) => instance.contact.kind === 'observed');
    const pods = snapshot.instances.filter((instance) => instance.podExists);
    if (answering.length < pods.length) {
      return awaiting(
        `an instance holds data, and ${answering.length} of ${pods.length} answer${those(pods)}`,
        'all instances answer: then the one that holds the data is chosen',
      );
    }
    const choice = chooseAdopted(withData, snapshot.policy);
    if (choice.kind === 'none') return awaiting(choice.reason, choice.lifts);
    return { state: 'FirstInstanceReady', plan: bootstrap(choice.name, choice.reason) };
  }
  const first = firstOfNew(snapshot);
  if (!first || !viewOf(first)) {
    return awaiting(`the first instance does not answer yet${first ? those([first]) : ''}`, 'its server answers');
  }
  return { state: 'FirstInstanceReady', plan: bootstrap(first.name, 'the cluster has never had data') };
}

/** Ordinal 0, or the next one that may lead when 0 must not: that takes all to be there, lest 0 be only late. */
function firstOfNew({ instances, policy, wantedReplicas }: Snapshot): InstanceEvidence | undefined {
  const wanted = instances.filter(({ ordinal }) => ordinal < wantedReplicas).sort((a, b) => a.ordinal - b.ordinal);
  const first = wanted.find(({ name }) => instancePolicy(policy, name).promotionRule !== 'mustNot');
  return first?.ordinal === 0 || wanted.length === wantedReplicas ? first : undefined;
}

/** Which of them don't answer, and why. */
function those(instances: readonly InstanceEvidence[]): string {
  const silent = instances.filter((instance) => instance.contact.kind !== 'observed');
  return silent.map((instance) => `; ${instance.name}: ${whyUnreachable(instance)}`).join('');
}

const awaiting = (message: string, lifts: string): Decision => ({
  state: 'AwaitingFirstInstance',
  hold: { reason: 'AwaitingFirstInstance', message, lifts },
});

const bootstrap = (to: string, reason: string): Plan => ({
  kind: 'bootstrap',
  from: '',
  to,
  reason,
  previousAckSet: { members: [], k: 0 },
  steps: bootstrapSteps,
});
