import type { Clock, EventLoopWatch } from '@pilotfish/service';
import { type InstanceEvidence, identify } from '@pilotfish/topology';
import type { Credentials, PodFacts } from '../inventory.ts';
import type { Tenure } from '../tenure.ts';
import { ClusterMember, placeOf } from './cluster-member.ts';

export interface RosterOptions {
  readonly clock: Clock;
  readonly eventLoop: EventLoopWatch;
  /** Asked for when the first member is made. */
  readonly tenure: () => Tenure;
  readonly onChange: () => void;
}

/**
 * The members of one cluster. A server whose pod was deleted, or made anew under the same name, stays a member while it
 * still answers: it may be the primary, and is then still to be taken over from.
 */
export class MemberRoster {
  readonly #options: RosterOptions;
  readonly #members = new Map<string, ClusterMember>();
  /** Since when pods have been without an address, and so without a server, by name. */
  readonly #unplacedSince = new Map<string, number>();
  #pods: readonly PodFacts[] = [];
  #stopping: Promise<void>[] = [];

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  /** Brings the members in line with the pods. `primary` is held on to until its server no longer answers. */
  reconcile(pods: readonly PodFacts[], credentials: Credentials): void {
    this.#pods = pods;
    const podByName = new Map(pods.map((pod) => [pod.name, pod]));
    for (const member of [...this.#members.values()]) {
      const pod = podByName.get(member.name);
      const isSame = pod?.uid === member.uid && (pod.ip === member.host || pod.ip === '');
      if (!isSame && (!member.watch.isConnected || hasStarted(pod))) this.#remove(member);
    }
    this.#noteUnplaced(pods);
    for (const pod of pods) {
      if (pod.ip === '' || this.#members.has(pod.name)) continue;
      this.#members.set(
        pod.name,
        new ClusterMember({ pod, credentials, ...this.#options, tenure: this.#options.tenure() }),
      );
    }
  }

  useCredentials(credentials: Credentials): void {
    for (const member of this.#members.values()) member.useCredentials(credentials);
  }

  /** `identities`: who each instance is known to be, by name. */
  evidence(wantedReplicas: number, identities: Readonly<Record<string, string>>): readonly InstanceEvidence[] {
    const podByName = new Map(this.#pods.map((pod) => [pod.name, pod]));
    const known = [...this.#members.values()].map((member) =>
      member.evidence(podByName.get(member.name), wantedReplicas),
    );
    const waiting = this.#pods
      .filter((pod) => !this.#members.has(pod.name))
      .map((pod) => withoutAddress(pod, wantedReplicas, this.#unplacedMs(pod.name)));
    const all = [...known, ...waiting].sort((a, b) => a.ordinal - b.ordinal);
    return identify(all, identities, (name) => this.#members.get(name)?.isVouchedFor ?? false);
  }

  get(name: string): ClusterMember | undefined {
    return this.#members.get(name);
  }

  list(): readonly ClusterMember[] {
    return [...this.#members.values()];
  }

  async stop(): Promise<void> {
    for (const member of [...this.#members.values()]) this.#remove(member);
    await Promise.all(this.#stopping);
  }

  #noteUnplaced(pods: readonly PodFacts[]): void {
    const unplaced = pods.filter((pod) => pod.ip === '' && !this.#members.has(pod.name)).map(({ name }) => name);
    for (const name of this.#unplacedSince.keys()) if (!unplaced.includes(name)) this.#unplacedSince.delete(name);
    for (const name of unplaced) {
      if (!this.#unplacedSince.has(name)) this.#unplacedSince.set(name, this.#options.clock.nowMs());
    }
  }

  #unplacedMs(name: string): number {
    const now = this.#options.clock.nowMs();
    return now - (this.#unplacedSince.get(name) ?? now);
  }

  #remove(member: ClusterMember): void {
    this.#members.delete(member.name);
    const stopped = member.stop().then(() => {
      this.#stopping = this.#stopping.filter((one) => one !== stopped);
    });
    this.#stopping.push(stopped);
  }
}

/** The new pod of that name runs far enough to be watched itself. */
const hasStarted = (pod: PodFacts | undefined): boolean => pod !== undefined && pod.ip !== '' && pod.started;

function withoutAddress(pod: PodFacts, wantedReplicas: number, detachedMs: number): InstanceEvidence {
  return {
    name: pod.name,
    ordinal: pod.ordinal,
    host: '',
    podExists: true,
    leaving: pod.terminating || pod.ordinal >= wantedReplicas,
    ending: pod.terminating,
    contact: { kind: 'unplaced' },
    ...placeOf(pod),
    serverEnded: false,
    detachedMs,
    openMs: 0,
  };
}
