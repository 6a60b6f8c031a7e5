import type { Hold } from './hold.ts';
import type { InstanceEvidence, Snapshot } from './snapshot.ts';
import { timing } from './timing.ts';

/** Whether the old primary can still take writes, where no acknowledgement fences it (`mode: async`). */
export type FenceProof =
  /** It can't. */
  | { readonly kind: 'proven'; readonly how: string }
  /** Its agent answers: it can kill the server, and say so. */
  | { readonly kind: 'obtainable' }
  | { readonly kind: 'missing'; readonly why: string; readonly inMs?: number };

/**
 * Proof is a refused port, a server that its agent or its kubelet saw end, or an isolation time-out that has certainly
 * passed: the pod is gone or its node is lost to Kubernetes, and nothing was heard of it since. Silence alone proves nothing:
 * an agent that still reaches the API server keeps its instance open.
 */
export function proveFence(snapshot: Snapshot, primary: InstanceEvidence | undefined): FenceProof {
  if (!primary) return { kind: 'missing', why: 'its pod is gone, and nobody saw its server end' };
  const { contact, agent, name } = primary;
  if (contact.kind === 'refused') return { kind: 'proven', how: `${name} refuses connections` };
  if (primary.serverEnded) return { kind: 'proven', how: `the kubelet saw the server of ${name} end` };
  if (agent && !agent.running) return { kind: 'proven', how: `the agent of ${name} says that no server runs` };
  if (agent) return { kind: 'obtainable' };
  if (contact.kind !== 'silent') return { kind: 'missing', why: `nobody can say whether the server of ${name} runs` };
  if (primary.podExists && !primary.nodeLost) {
    return {
      kind: 'missing',
      why: `${name} answers nobody, and neither its pod is gone nor its node lost: it may still take writes`,
    };
  }
  const left = snapshot.isolationTimeoutMs + timing.isolationGraceMs - contact.forMs;
  if (left <= 0) return { kind: 'proven', how: `${name} was cut off for longer than its agent leaves it open` };
  return { kind: 'missing', why: `${name} is cut off, and its agent may not have closed it yet`, inMs: left };
}

export function fenceNotProven(reason: string, { why, inMs }: Extract<FenceProof, { kind: 'missing' }>): Hold {
  return {
    reason: 'FenceNotProven',
    message: `${reason}; no commit waits for a replica, so another primary needs proof that this one is closed: ${why}`,
    lifts:
      'its port refuses connections, its agent or its kubelet says that no server runs, its node is lost for the isolation time-out, or it answers',
    ...(inMs !== undefined && { next: { afterMs: inMs, does: 'counts it as closed by its agent, and fails over' } }),
  };
}
