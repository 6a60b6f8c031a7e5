import type { Clock } from '@pilotfish/service';
import type { ClusterMember } from '../observe/cluster-member.ts';
import type { Announcer } from './announcer.ts';

interface Known {
  readonly uid: string;
  readonly cloningSince: number | undefined;
  readonly saved: number;
}

/** Tells what the agents did by themselves since the last look: copies that ended, errant transactions that were saved. */
export class ProvisioningNews {
  readonly #announce: Announcer;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(announce: Announcer, clock: Clock) {
    this.#announce = announce;
    this.#clock = clock;
  }

  look(members: readonly ClusterMember[]): void {
    for (const member of members) {
      const phase = member.provisioning;
      if (phase === undefined) continue;
      const saved = member.errantSaved;
      const before = this.#known.get(member.name);
      const known =
        before?.uid === member.uid ? before : { uid: member.uid, cloningSince: undefined, saved: saved.length };
      for (const { gtids, path } of saved.slice(known.saved)) {
        this.#announce.event('errant-saved', { instance: member.name, gtids, path });
      }
      this.#known.set(member.name, {
        uid: member.uid,
        saved: saved.length,
        cloningSince: this.#clone(member, phase, known),
      });
    }
  }

  #clone(member: ClusterMember, phase: string, { cloningSince }: Known): number | undefined {
    const now = this.#clock.nowMs();
    if (phase === 'cloning' || phase === 'saving-errant') return cloningSince ?? now;
    if (cloningSince !== undefined && phase === 'ready') {
      this.#announce.event('instance-recloned', { instance: member.name, durationMs: Math.round(now - cloningSince) });
    }
    return phase === 'ready' || phase === 'failed' ? undefined : cloningSince;
  }
}
