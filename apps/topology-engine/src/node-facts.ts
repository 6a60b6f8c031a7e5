import type { KubeObject, Node } from '@pilotfish/kube';

/** What the engine reads of a node: its failure domains, and whether Kubernetes still hears from it. */
export interface NodeFacts {
  readonly zone: string | undefined;
  readonly region: string | undefined;
  /** Its kubelet has not reported for so long that the node controller gave it up (40 s by default). */
  readonly lost: boolean;
}

export interface KeptNode extends KubeObject, NodeFacts {}

export function keepNode(node: Node): KeptNode {
  const { name, uid = '', resourceVersion = '', labels = {} } = node.metadata;
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid, resourceVersion },
    zone: labels['topology.kubernetes.io/zone'],
    region: labels['topology.kubernetes.io/region'],
    lost: ready?.status === 'Unknown',
  };
}
