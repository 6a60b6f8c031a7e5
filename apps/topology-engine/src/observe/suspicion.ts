import { type Decision, type Snapshot, viewOf } from '@pilotfish/topology';
import type { Announcer } from '../record/announcer.ts';
import type { ClusterMember } from './cluster-member.ts';
import { isWell } from './is-well.ts';

/** While the primary is in doubt everybody is looked at often, and replicas less often while all is well. */
export class Suspicion {
  #isTold = false;

  look(decision: Decision, snapshot: Snapshot, members: readonly ClusterMember[], announce: Announcer): void {
    const primary = snapshot.instances.find((instance) => instance.name === snapshot.recorded.primary);
    const inDoubt = primary !== undefined && snapshot.recorded.writable && viewOf(primary) === undefined;
    const ofOthers = isWell(decision, snapshot) ? 'calm' : 'steady';
    for (const { name, watch } of members) {
      watch.setPace(inDoubt ? 'urgent' : name === primary?.name ? 'steady' : ofOthers);
    }
    // An engine that begins has not heard of it yet: that is no doubt.
    const isSuspected = inDoubt && primary.contact.kind !== 'untried';
    if (isSuspected && !this.#isTold && decision.hold) {
      announce.event('primary-suspected', { instance: primary.name, evidence: decision.hold.message });
    }
    this.#isTold = isSuspected;
  }
}
