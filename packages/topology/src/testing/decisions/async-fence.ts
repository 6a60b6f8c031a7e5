import { defaultPolicy } from '../../policy.ts';
import { agent, instance, refused, scene, silent } from '../scene.ts';
import { deadReplicas, type Row } from './row.ts';

const async = {
  policy: { ...defaultPolicy, mode: 'async' as const },
  recorded: { ackSet: { members: [], k: 0 } },
};

/** No commit waits for a replica: another primary takes proof that the old one is closed. */
export const asyncFence: readonly Row[] = [
  {
    name: 'async: its port refuses, which proves that it is closed',
    snapshot: scene([instance(0, refused), ...deadReplicas], async),
    state: 'PrimaryDead',
    plan: 'failover',
  },
  {
    name: 'async: a hang, and its agent answers: it kills the server first',
    snapshot: scene([instance(0, silent(2_000), { agent: agent({ hungMs: 2_000 }) }), ...deadReplicas], async),
    state: 'PrimaryDead',
    plan: 'failover',
    says: 'prove-fence',
  },
  {
    name: 'async: cut off, and it may still take writes',
    snapshot: scene([instance(0, silent(60_000)), ...deadReplicas], async),
    state: 'PrimaryDead',
    hold: 'FenceNotProven',
  },
  {
    name: 'async: its node is lost, but the isolation time-out has not passed',
    snapshot: scene([instance(0, silent(9_000), { nodeLost: true }), ...deadReplicas], async),
    state: 'PrimaryDead',
    hold: 'FenceNotProven',
    nextMs: 6_000,
  },
  {
    name: 'async: its node is lost, and its agent has certainly closed it',
    snapshot: scene([instance(0, silent(15_000), { nodeLost: true }), ...deadReplicas], async),
    state: 'PrimaryDead',
    plan: 'failover',
  },
  {
    name: 'async: the kubelet saw its container end',
    snapshot: scene([instance(0, silent(2_000), { serverEnded: true }), ...deadReplicas], async),
    state: 'PrimaryDead',
    plan: 'failover',
  },
];
