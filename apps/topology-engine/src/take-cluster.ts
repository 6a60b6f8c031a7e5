import { type Logger, messageOf } from '@pilotfish/service';
import type { TopologyRecord } from './record/topology-record.ts';
import { OutrunError } from './tenure.ts';

export interface Claimant {
  /** Name of this engine's pod. */
  readonly engine: string;
  /** Whether this engine may act at this very moment, by its lease; absent: there is no other engine. */
  readonly holdsLease?: () => boolean;
  /** Whether another engine may still act; absent: there is no other engine. */
  readonly isAlive?: (engine: string) => boolean;
  readonly logger: Logger;
}

/**
 * Waits until whoever owned the cluster has let go or may not act any more, and makes this engine its owner.
 * @param pause between two looks at the record
 */
export async function takeCluster(
  record: TopologyRecord,
  { engine, holdsLease = () => true, isAlive = () => false, logger }: Claimant,
  pause: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const { owner } = record.current;
    const isFree = owner === undefined || owner.engine === engine || owner.engine === '' || !isAlive(owner.engine);
    // Without a lease of its own an engine knows nothing of the others'.
    if (isFree && holdsLease() && (await tryToClaim(record, engine))) break;
    await pause();
    await record.refresh();
  }
  logger.info({ term: record.term }, 'this engine owns the cluster');
}

async function tryToClaim(record: TopologyRecord, engine: string): Promise<boolean> {
  try {
    await record.claim(engine);
    return true;
  } catch (error: unknown) {
    if (error instanceof OutrunError) return false;
    throw error;
  }
}

/** So that the next owner need not wait; what can't be recorded now it finds out by the lease. */
export async function letClusterGo(record: TopologyRecord | undefined, logger: Logger): Promise<void> {
  if (!record?.isOwned) return;
  await record.release().catch((error: unknown) => {
    logger.info({ err: messageOf(error) }, 'the record does not say that this engine has let go');
  });
}
