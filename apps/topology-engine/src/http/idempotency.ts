import type { Clock } from '@pilotfish/service';
import { LRUCache } from 'lru-cache';
import { Refused } from './refused.ts';

const rememberedMs = 3_600_000;
const mostKeys = 1_000;

interface Known {
  readonly request: string;
  readonly runId: Promise<string>;
}

/**
 * The orders that came with an Idempotency-Key in the last hour: one that comes again, because its answer was lost, is not
 * carried out again. Kept by the engine that looks after the cluster and lost with it; `epoch` in the body protects beyond that.
 */
export class Idempotency {
  readonly #known: LRUCache<string, Known>;

  constructor(clock: Clock) {
    this.#known = new LRUCache({
      max: mostKeys,
      ttl: rememberedMs,
      ttlResolution: 0,
      perf: { now: () => clock.nowMs() },
    });
  }

  /**
   * The run that this key stands for: the one that `begin` begins, or the one of before.
   * @param scope who asks what of which cluster: a key means something only within it
   * @throws Refused if the key came with another request before, or what `begin` throws; then the key is free again
   */
  async runOf(
    key: string,
    scope: string,
    request: string,
    begin: () => Promise<string>,
  ): Promise<{ readonly runId: string; readonly isRepeated: boolean }> {
    const id = JSON.stringify([scope, key]);
    const known = this.#known.get(id);
    if (known) {
      if (known.request !== request) {
        throw new Refused(422, 'IdempotencyKeyReused', 'this Idempotency-Key came with another request before');
      }
      return { runId: await known.runId, isRepeated: true };
    }
    const runId = begin();
    this.#known.set(id, { request, runId });
    runId.catch(() => this.#known.delete(id));
    return { runId: await runId, isRepeated: false };
  }
}
