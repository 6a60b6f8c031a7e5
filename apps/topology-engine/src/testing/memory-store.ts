import type { TopologyStatus } from '@pilotfish/api';
import type { EngineCondition, TopologyStore } from '../inventory.ts';

/** Fake: keeps the topology in memory, with the same preconditions as the API server. */
export class MemoryStore implements TopologyStore {
  topology: TopologyStatus | undefined;
  /** Every version that was written, the latest last. */
  readonly history: TopologyStatus[] = [];
  conditions: readonly EngineCondition[] = [];

  async read(): Promise<TopologyStatus | undefined> {
    return await Promise.resolve(structuredClone(this.topology));
  }

  async replace(_key: string, next: TopologyStatus, expected: TopologyStatus | undefined): Promise<boolean> {
    const { topology } = this;
    const matches =
      topology?.epoch === expected?.epoch &&
      topology?.primary === expected?.primary &&
      JSON.stringify(topology?.ackSet) === JSON.stringify(expected?.ackSet) &&
      topology?.writable === expected?.writable &&
      topology?.owner?.term === expected?.owner?.term &&
      topology?.operation?.id === expected?.operation?.id &&
      topology?.operation?.engine === expected?.operation?.engine;
    if (matches) {
      this.topology = structuredClone(next);
      this.history.push(structuredClone(next));
    }
    return await Promise.resolve(matches);
  }

  async setConditions(_key: string, conditions: readonly EngineCondition[]): Promise<void> {
    this.conditions = conditions;
    await Promise.resolve();
  }
}
