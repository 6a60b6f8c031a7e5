import type { HoldReason } from '../../hold.ts';
import { defaultPolicy, type FailoverPolicy, type InstancePolicy } from '../../policy.ts';
import type { InstanceEvidence } from '../../snapshot.ts';
import { gtids, instance, lostSource, nameOf, observed, refused, scene } from '../scene.ts';
import { deadReplicas, type Row } from './row.ts';

interface Wish {
  readonly hold: HoldReason;
  readonly failover?: Partial<FailoverPolicy>;
  readonly instances?: readonly InstancePolicy[];
  readonly others?: readonly InstanceEvidence[];
}

const behind = (index: number) => instance(index, observed(lostSource(index, { received: gtids('a:1-12') })));
const rule = (index: number, change: Partial<InstancePolicy>): InstancePolicy => ({
  name: nameOf(index),
  promotionRule: 'neutral',
  ...change,
});

const wishes: readonly Wish[] = [
  { hold: 'FailoverPaused', failover: { paused: { by: 'ops', reason: 'moving racks' } } },
  { hold: 'RecoveryDisabled', failover: { recoverPrimary: false } },
  { hold: 'PrimaryInDowntime', instances: [rule(0, { downtime: { by: 'ops', reason: 'new kernel' } })] },
  {
    hold: 'RecoveryBlocked',
    failover: { recoveryBlockMs: 60_000, failures: [{ instance: nameOf(0), ageMs: 1_000 }] },
  },
  { hold: 'FailoverDelayed', failover: { delayMs: 30_000 } },
  { hold: 'CandidateBehind', failover: { whenBehind: 'hold' }, others: [behind(1), behind(2)] },
  { hold: 'PromotionForbidden', instances: [1, 2].map((index) => rule(index, { promotionRule: 'mustNot' })) },
];

/** A failover that the data allows, and that somebody does not want now. */
export const unwanted: readonly Row[] = wishes.map(
  ({ hold, failover = {}, instances = [], others = deadReplicas }) => ({
    name: `a failover that is not wanted: ${hold}`,
    snapshot: scene([instance(0, refused), ...others], {
      policy: { ...defaultPolicy, failover: { ...defaultPolicy.failover, ...failover }, instances },
    }),
    state: 'PrimaryDead' as const,
    hold,
  }),
);
