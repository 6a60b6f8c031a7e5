import { leaseNames } from '@pilotfish/api';
import { type KubeClient, leases } from '@pilotfish/kube';

/** A lease that is not renewed for this long has no living holder, in milliseconds. */
const leaseLifeMs = 15_000;

interface Observation {
  readonly renewTime: string;
  /** When this value was first seen. */
  readonly sinceMs: number;
  /** It was seen to change, so somebody was alive then. */
  readonly changed: boolean;
}

/** Whether topology-engine runs. Without it nobody attaches a restarted replica or moves the primary. */
export interface EnginePresence {
  /** Undefined when it does, otherwise a sentence. */
  absence(signal: AbortSignal): Promise<string | undefined>;
}

export const assumedPresent: EnginePresence = { absence: () => Promise.resolve(undefined) };

/**
 * Looks at the members' leases. Judges by seeing one change, not by the clock of its holder; so the first look only
 * begins to watch.
 */
export class LeasedEnginePresence implements EnginePresence {
  readonly #client: Pick<KubeClient, 'list'>;
  readonly #namespace: string;
  readonly #nowMs: () => number;
  #seen = new Map<string, Observation>();

  constructor(client: Pick<KubeClient, 'list'>, namespace: string, nowMs: () => number) {
    this.#client = client;
    this.#namespace = namespace;
    this.#nowMs = nowMs;
  }

  async absence(signal: AbortSignal): Promise<string | undefined> {
    const { items } = await this.#client.list(leases, { namespace: this.#namespace, signal });
    const prefix = leaseNames.topologyEngineMember('');
    const nowMs = this.#nowMs();
    const seen = new Map<string, Observation>();
    for (const { metadata, spec } of items) {
      if (!metadata.name.startsWith(prefix)) continue;
      const renewTime = spec?.renewTime ?? '';
      const before = this.#seen.get(metadata.name);
      const same = before?.renewTime === renewTime;
      seen.set(metadata.name, same ? before : { renewTime, sinceMs: nowMs, changed: before !== undefined });
    }
    this.#seen = seen;
    const alive = [...seen.values()].some(({ changed, sinceMs }) => changed && nowMs - sinceMs < leaseLifeMs);
    if (alive) return undefined;
    return 'No topology-engine is seen at work, and only it attaches restarted instances and moves the primary.';
  }
}
