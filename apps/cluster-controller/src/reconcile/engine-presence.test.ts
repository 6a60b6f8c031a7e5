import { describe, expect, test } from '@jest/globals';
import type { KubeClient, Lease } from '@pilotfish/kube';
import { LeasedEnginePresence } from './engine-presence.ts';

function lab() {
  const state = { nowMs: 0, leases: [] as Lease[] };
  const client = {
    list: () => Promise.resolve({ items: state.leases, resourceVersion: '1' }),
  } as unknown as KubeClient;
  const presence = new LeasedEnginePresence(client, 'pilotfish-system', () => state.nowMs);
  return {
    renew: (renewTime: string, name = 'pilotfish-topology-engine-a') => {
      state.leases = [{ metadata: { name }, spec: { renewTime } }];
    },
    isAbsentAfter: async (ms: number) => {
      state.nowMs += ms;
      return (await presence.absence(new AbortController().signal)) !== undefined;
    },
  };
}

describe('topology-engine is at work', () => {
  test('once a lease of it was seen to change, and until it stays the same for too long', async () => {
    const { renew, isAbsentAfter } = lab();
    expect(await isAbsentAfter(0)).toBe(true);
    renew('1');
    expect(await isAbsentAfter(1_000)).toBe(true);
    renew('2');
    expect(await isAbsentAfter(1_000)).toBe(false);
    expect(await isAbsentAfter(10_000)).toBe(false);
    expect(await isAbsentAfter(10_000)).toBe(true);
    renew('3');
    expect(await isAbsentAfter(1_000)).toBe(false);
  });

  test('whatever other leases do', async () => {
    const { renew, isAbsentAfter } = lab();
    for (const time of ['1', '2', '3']) {
      renew(time, 'pilotfish-cluster-controller');
      expect(await isAbsentAfter(1_000)).toBe(true);
    }
  });
});
