import { isElectable, whyForbidden } from '../candidate.ts';
import { lagOf } from '../lag.ts';
import { type InstanceEvidence, type InstanceView, instanceNamed, type Snapshot, viewOf } from '../snapshot.ts';
import { timing } from '../timing.ts';
import { type Refusal, refuse } from './refusal.ts';

type Refused = { readonly refused: Refusal };

export interface OpenPrimary {
  readonly evidence: InstanceEvidence;
  readonly view: InstanceView;
}

/** The primary, if it is open and answers and no other change of it is under way. */
export function openPrimary(snapshot: Snapshot): OpenPrimary | Refused {
  const { primary, writable, operation } = snapshot.recorded;
  if (operation) return refuse('NoPrimary', `${operation.kind} ${operation.id} is not done yet`);
  if (primary === '') return refuse('NoPrimary', 'the cluster has no primary yet');
  const evidence = instanceNamed(snapshot, primary);
  const view = viewOf(evidence);
  if (!evidence || !view) return refuse('NoPrimary', `the primary ${primary} does not answer`);
  const isOpen = writable && (snapshot.readOnly || !view.readOnly);
  return isOpen ? { evidence, view } : refuse('NoPrimary', `the primary ${primary} is not open`);
}

export interface AnsweringReplica {
  readonly evidence: InstanceEvidence;
  readonly view: InstanceView;
}

export function instance(snapshot: Snapshot, name: string): InstanceEvidence | Refused {
  const evidence = instanceNamed(snapshot, name);
  if (evidence) return evidence;
  const known = snapshot.instances.map((one) => one.name).join(', ');
  return refuse('UnknownInstance', `there is no instance ${name}; there are ${known}`);
}

/** An instance other than the primary. */
export function replica(snapshot: Snapshot, name: string): InstanceEvidence | Refused {
  const evidence = instance(snapshot, name);
  if ('refused' in evidence) return evidence;
  return name === snapshot.recorded.primary
    ? refuse('IsPrimary', `${name} is the primary: switch over first`)
    : evidence;
}

/** An instance other than the primary, and what its server says. */
export function answeringReplica(snapshot: Snapshot, name: string): AnsweringReplica | Refused {
  const evidence = replica(snapshot, name);
  if ('refused' in evidence) return evidence;
  const view = viewOf(evidence);
  return view ? { evidence, view } : refuse('NotReachable', `${name} does not answer (${evidence.contact.kind})`);
}

/** Why an instance may not be primary whatever it holds; undefined when it may. */
export function whyNotFit(snapshot: Snapshot, name: string): Refused | undefined {
  const evidence = instance(snapshot, name);
  if ('refused' in evidence) return evidence;
  if (name === snapshot.recorded.primary) return refuse('AlreadyPrimary', `${name} is the primary`);
  const from = instanceNamed(snapshot, snapshot.recorded.primary);
  const forbidden = whyForbidden(evidence, { policy: snapshot.policy, from });
  if (forbidden !== undefined) return refuse('PromotionForbidden', forbidden);
  if (!viewOf(evidence)) return refuse('NotReachable', `${name} does not answer (${evidence.contact.kind})`);
  if (evidence.leaving) return refuse('NotElectable', `${name} is leaving the cluster`);
  if (!isElectable(evidence)) {
    return refuse(
      'NotElectable',
      `${name} can't lead: it is blank or being copied, its applier stopped, or its disk is full`,
    );
  }
  return undefined;
}

/** Why an instance can't take over from a primary that takes writes; undefined when it can. */
export function whyNotCaughtUp(snapshot: Snapshot, name: string, primary: InstanceEvidence): Refused | undefined {
  const view = viewOf(instanceNamed(snapshot, name));
  const replication = view?.replication;
  if (!view || replication?.sourceHost !== primary.host) {
    return refuse('NotCaughtUp', `${name} does not replicate from ${primary.name}`);
  }
  if (replication.receiver !== 'ON' || replication.applier !== 'ON') {
    return refuse('NotCaughtUp', `${name}: receiver ${replication.receiver}, applier ${replication.applier}`);
  }
  const lagMs = lagOf(view, snapshot);
  if (lagMs < timing.switchoverMaxLagMs) return undefined;
  return refuse(
    'NotCaughtUp',
    `${name} is ${String(Math.round(lagMs))} ms behind; ${String(timing.switchoverMaxLagMs)} ms is the most`,
  );
}

/** Why an instance must stay in the ack set: without it, too few would be left to acknowledge commits. */
export function whyNeededForAcks(snapshot: Snapshot, names: readonly string[]): Refused | undefined {
  const { members, k } = snapshot.recorded.ackSet;
  const staying = members.filter((name) => !names.includes(name));
  const able = staying.filter((name) => viewOf(instanceNamed(snapshot, name))?.replication?.receiver === 'ON');
  if (staying.length === members.length || able.length >= k) return undefined;
  return refuse(
    'WouldStallWrites',
    `commits wait for ${String(k)} of {${members.join(', ')}}; without ${names.join(', ')}, ${String(able.length)} can acknowledge`,
  );
}
