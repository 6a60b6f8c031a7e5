import { chooseCandidate } from './candidate.ts';
import type { Decision } from './decision.ts';
import { bootstrapSteps, type Plan } from './plan.ts';
import { type Snapshot, viewOf } from './snapshot.ts';

/** The first primary: an instance that has data (an adopted cluster), else ordinal 0 once it is blank and answers. */
export function decideFirst(snapshot: Snapshot): Decision {
  if (snapshot.wantedReplicas === 0) return { state: 'Stopped' };
  const withData = snapshot.instances.filter((instance) => viewOf(instance)?.executed.isEmpty() === false);
  if (withData.length > 0) {
    const answering = snapshot.instances.filter((instance) => instance.contact.kind === 'observed');
    const pods = snapshot.instances.filter((instance) => instance.podExists);
    if (answering.length < pods.length) {
      return awaiting(
        `an instance holds data, and ${answering.length} of ${pods.length} answer`,
        'all instances answer: then the one that holds the data is chosen',
      );
    }
    const choice = chooseCandidate(withData);
    if (choice.kind === 'none') return awaiting(choice.reason, 'an instance holds what all others hold');
    return { state: 'FirstInstanceReady', plan: bootstrap(choice.name, 'it holds the data of the cluster') };
  }
  const first = snapshot.instances.find((instance) => instance.ordinal === 0);
  if (!first || !viewOf(first)) return awaiting('the first instance does not answer yet', 'its server answers');
  return { state: 'FirstInstanceReady', plan: bootstrap(first.name, 'the cluster has never had data') };
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
