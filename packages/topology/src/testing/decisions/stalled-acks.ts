import { follows, instance, lostSource, observed, primary, refused, replica, scene, view } from '../scene.ts';
import { deadReplicas, type Row, waitingPrimary, well } from './row.ts';

/** Commits wait for acknowledgements. */
export const stalledAcks: readonly Row[] = [
  {
    name: 'commits wait a moment',
    snapshot: scene([instance(0, observed(waitingPrimary)), ...deadReplicas], {
      acks: { shortMs: 0, stalledMs: 2_000 },
    }),
    state: 'AcksStalled',
    hold: 'AcksStalled',
    nextMs: 1_000,
  },
  {
    name: 'commits wait a moment while replicas are put under the primary',
    snapshot: scene(
      [instance(0, observed(waitingPrimary)), instance(1, observed(view(1))), deadReplicas[1] ?? instance(2, refused)],
      {
        acks: { shortMs: 2_000, stalledMs: 2_000 },
      },
    ),
    state: 'PrimaryHealthy',
  },
  {
    name: 'commits wait a moment: replicas follow, and the source has not taken notice of them yet',
    snapshot: scene([instance(0, observed(waitingPrimary)), ...well], { acks: { shortMs: 0, stalledMs: 2_000 } }),
    state: 'PrimaryHealthy',
  },
  {
    name: 'the same for longer is told',
    snapshot: scene([instance(0, observed(waitingPrimary)), ...well], { acks: { shortMs: 0, stalledMs: 3_100 } }),
    state: 'AcksStalled',
    hold: 'AcksStalled',
  },
  {
    name: 'commits wait a moment, though the source counts all of its replicas',
    snapshot: scene([instance(0, observed(primary({ semiSyncWaitSessions: 3 }))), ...well], {
      acks: { shortMs: 0, stalledMs: 2_000 },
    }),
    state: 'AcksStalled',
    hold: 'AcksStalled',
    nextMs: 1_000,
  },
  {
    name: 'commits wait no longer than on any busy server',
    snapshot: scene([instance(0, observed(waitingPrimary)), ...deadReplicas], {
      acks: { shortMs: 0, stalledMs: 1_000 },
    }),
    state: 'PrimaryHealthy',
  },
  {
    name: 'cut between primary and replicas, or logins blocked by a waiting account statement: another takes over',
    snapshot: scene([instance(0, observed(waitingPrimary)), ...deadReplicas], {
      acks: { shortMs: 4_000, stalledMs: 4_000 },
    }),
    state: 'AcksStalled',
    plan: 'failover',
  },
  {
    name: 'acknowledgements are lost on their way while the replicas hear nothing new either',
    snapshot: scene(
      [
        instance(0, observed(waitingPrimary)),
        instance(1, observed(replica(1, { replication: follows(0, { lastHeardMs: 3_000 }) }))),
        instance(2, observed(replica(2, { replication: follows(0, { lastHeardMs: 3_000 }) }))),
      ],
      { acks: { shortMs: 0, stalledMs: 3_100 }, durability: 'required' },
    ),
    state: 'AcksStalled',
    plan: 'failover',
  },
  {
    name: 'commits wait while replicas receive: a large transaction, or replicas that can not write it down',
    snapshot: scene([instance(0, observed(waitingPrimary)), ...well], { acks: { shortMs: 0, stalledMs: 9_000 } }),
    state: 'AcksStalled',
    hold: 'AcksStalled',
  },
  {
    name: 'commits wait for replicas that are not under their new primary yet',
    snapshot: scene(
      [instance(0, observed(waitingPrimary)), instance(1, observed(view(1))), instance(2, observed(lostSource(2)))],
      { acks: { shortMs: 9_000, stalledMs: 9_000 } },
    ),
    state: 'AcksStalled',
    hold: 'AcksStalled',
    says: 'being put under it',
  },
  {
    name: 'commits wait and too few of the ack set answer',
    snapshot: scene(
      [instance(0, observed(waitingPrimary)), instance(1, refused), instance(2, observed(lostSource(2)))],
      {
        acks: { shortMs: 9_000, stalledMs: 9_000 },
        durability: 'required',
      },
    ),
    state: 'AcksStalled',
    hold: 'AcksStalled',
    says: '1 of the ack set',
  },
];
