import type { InstanceStatus, TopologyStatus } from '@pilotfish/api';
import { describeInstances, type InstanceFacts, type Snapshot } from '@pilotfish/topology';

/** What is seen of the instances now, as it is recorded; what is known of those that can't be asked stays. */
export function seenInstances(snapshot: Snapshot, { instances }: TopologyStatus) {
  return describeInstances(snapshot, knownFacts(instances)).map((facts) => ({ ...facts }));
}

/** As recorded; an absent message is left out, as it is in what is compared with it. */
function knownFacts(instances: readonly InstanceStatus[]): InstanceFacts[] {
  return instances.map(({ message, serverUuid, ...facts }) => ({
    ...facts,
    ...(message !== undefined && { message }),
    ...(serverUuid !== undefined && { serverUuid }),
  }));
}
