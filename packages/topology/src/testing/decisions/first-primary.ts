import { GtidSet } from '@pilotfish/gtid';
import { instance, nameOf, observed, scene, silent, view } from '../scene.ts';
import { deadReplicas, type Row } from './row.ts';

/** Nobody leads yet. */
export const firstPrimary: readonly Row[] = [
  { name: 'nothing is wanted and nothing is there', snapshot: scene([], { wantedReplicas: 0 }), state: 'Stopped' },
  {
    name: 'a new cluster: ordinal 0 comes first',
    snapshot: scene(
      [
        instance(0, observed(view(0, { executed: GtidSet.empty }))),
        instance(1, observed(view(1, { executed: GtidSet.empty }))),
      ],
      {
        recorded: { primary: '', epoch: 0, initialized: false, writable: false, ackSet: { members: [], k: 0 } },
      },
    ),
    state: 'FirstInstanceReady',
    plan: 'bootstrap',
    to: nameOf(0),
  },
  {
    name: 'an adopted cluster: the instance with the data, once all answer',
    snapshot: scene([instance(0, observed(view(0, { executed: GtidSet.empty }))), instance(1, observed(view(1)))], {
      recorded: { primary: '', epoch: 0, initialized: false, writable: false, ackSet: { members: [], k: 0 } },
    }),
    state: 'FirstInstanceReady',
    plan: 'bootstrap',
    to: nameOf(1),
  },
  {
    name: 'an adopted cluster: not before all answer',
    snapshot: scene([instance(0, silent(100)), instance(1, observed(view(1)))], {
      recorded: { primary: '', epoch: 0, initialized: false, writable: false, ackSet: { members: [], k: 0 } },
    }),
    state: 'AwaitingFirstInstance',
    hold: 'AwaitingFirstInstance',
  },
  {
    name: 'an engine died in the middle of a switchover, and the primary does not answer',
    snapshot: scene([instance(0, silent(100)), ...deadReplicas], {
      recorded: {
        operation: {
          id: 'bootstrap-1',
          kind: 'bootstrap',
          from: '',
          to: nameOf(0),
          phase: 'switching',
          previousAckSet: { members: [], k: 0 },
        },
      },
    }),
    state: 'OperationInterrupted',
    hold: 'PrimarySuspected',
  },
];
