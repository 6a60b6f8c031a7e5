export { type AckStep, nextAckStep } from './ack-step.ts';
export { type Ackers, ackersFor } from './ackers.ts';
export { type CandidateChoice, chooseCandidate, isElectable } from './candidate.ts';
export { type Closeness, closenessOf } from './closeness.ts';
export { type ClusterState, clusterStates, isInDoubt, isUnderCare } from './cluster-state.ts';
export { decide } from './decide.ts';
export type { Decision } from './decision.ts';
export { errantOf } from './errant.ts';
export { type Evidence, evidenceOfReplicas, evidenceOn } from './evidence.ts';
export { mayHandBack } from './hand-back.ts';
export { type Hold, type HoldReason, holdReasons } from './hold.ts';
export { identify } from './identity.ts';
export { describeInstances, type InstanceFacts, type InstanceState } from './instance-state.ts';
export { lagOf } from './lag.ts';
export type { Operation, OrderedBy } from './operations/operation.ts';
export { changeOrders, type Orders, type OrdersChange } from './operations/orders.ts';
export type { Refusal, RefusalReason } from './operations/refusal.ts';
export { findOperation, type OperationName, operations } from './operations/table.ts';
export { failoverSteps, type Plan, type Step, type StepKind, stepsFrom, switchoverSteps } from './plan.ts';
export {
  defaultPolicy,
  type FailoverPolicy,
  type InstancePolicy,
  instancePolicy,
  type Pause,
  type Policy,
  type PromotionRule,
} from './policy.ts';
export { judgePrimary, type PrimaryVerdict } from './primary-verdict.ts';
export { fullAcks, membersToSee, witnessesOf } from './quorum.ts';
export { planRepairs, type Repair } from './repair.ts';
export { planStarts, provenReceived, type Start } from './rewind.ts';
export {
  type AckEvidence,
  type AckSet,
  type AgentView,
  type Contact,
  type Durability,
  type FormerPrimary,
  heldBy,
  type InstanceEvidence,
  type InstanceView,
  instanceNamed,
  type Recorded,
  type RecordedOperation,
  type ReplicationView,
  type Snapshot,
  viewOf,
} from './snapshot.ts';
export { type Source, sourceOf } from './source-of.ts';
export { timing } from './timing.ts';
