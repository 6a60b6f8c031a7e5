import { evidenceOfReplicas, evidenceOn } from './evidence.ts';
import { instanceNamed, type Snapshot, viewOf } from './snapshot.ts';
import { timing } from './timing.ts';

/** How near what is seen comes to a dead primary: for logs and measurements. Nothing is decided by it. */
export interface Closeness {
  /** For how long each observer has heard nothing from the primary, and when that counts, milliseconds. */
  readonly silences: readonly Silence[];
  /** Of the two that are needed: the primary against itself, and every replica that answers. */
  readonly witnesses: 0 | 1 | 2;
}

export interface Silence {
  /** `engine`, or the name of a replica. */
  readonly observer: string;
  readonly silentMs: number;
  readonly limitMs: number;
}

export function closenessOf(snapshot: Snapshot): Closeness {
  const primary = instanceNamed(snapshot, snapshot.recorded.primary);
  const contact = primary?.contact;
  const engine = contact?.kind === 'observed' ? contact.ageMs : contact?.kind === 'silent' ? contact.forMs : undefined;
  const replicas = snapshot.instances.flatMap((replica): Silence[] => {
    const heardMs = replica === primary ? undefined : viewOf(replica)?.replication?.lastHeardMs;
    if (heardMs === undefined || heardMs === null) return [];
    return [{ observer: replica.name, silentMs: Math.round(heardMs), limitMs: timing.receiverSilentMs }];
  });
  const own = evidenceOn(primary).some(({ says }) => says === 'gone');
  const others = evidenceOfReplicas(snapshot, primary);
  const confirmed = others.length > 0 && others.every(({ says }) => says === 'gone');
  return {
    silences: [
      ...(engine === undefined
        ? []
        : [{ observer: 'engine', silentMs: Math.round(engine), limitMs: timing.primarySilentMs }]),
      ...replicas,
    ],
    witnesses: own && confirmed ? 2 : own || confirmed ? 1 : 0,
  };
}
