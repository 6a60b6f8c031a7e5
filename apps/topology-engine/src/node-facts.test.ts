import { describe, expect, test } from '@jest/globals';
import type { Node } from '@pilotfish/kube';
import { keepNode } from './node-facts.ts';

const node = (ready: 'True' | 'False' | 'Unknown', labels: Record<string, string> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'worker-1', labels },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});

describe('what is kept of a node', () => {
  test('its failure domains, by the well-known labels', () => {
    const labels = { 'topology.kubernetes.io/zone': 'a', 'topology.kubernetes.io/region': 'north', other: 'label' };
    expect(keepNode(node('True', labels))).toMatchObject({ zone: 'a', region: 'north', lost: false });
    expect(keepNode(node('True'))).toMatchObject({ zone: undefined, region: undefined });
  });

  test('it is lost when nothing is heard of it, not when it is unwell', () => {
    expect(keepNode(node('Unknown')).lost).toBe(true);
    expect(keepNode(node('False')).lost).toBe(false);
  });
});
