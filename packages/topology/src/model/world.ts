import type { AckStep } from '../ack-step.ts';
import type { Plan, Step } from '../plan.ts';
import type { AckSet, Durability, Recorded } from '../snapshot.ts';
import type { AckOperation } from './ack-task-model.ts';
import type { TxSet } from './tx-set.ts';

/**
 * The model that the explorer walks through: MySQL servers as far as a failover depends on them, the record with its
 * compare-and-set, engines with what they have in memory. Small and mutable: each step works on a copy.
 */
export interface World {
  readonly durability: Durability;
  wanted: number;
  readonly servers: Server[];
  readonly txs: Tx[];
  record: ModelRecord;
  readonly engines: Engine[];
  /** The server that was opened last: where the newest acknowledged writes have to be. */
  opened: number;
  /** A server has lost its data: then not everything can come back. */
  lost: boolean;
  /** How many faults of each kind, and writes, may still happen. */
  readonly budget: Budget;
}

export interface Budget {
  writes: number;
  crashes: number;
  /** A server that crashed comes back without its data. */
  losses: number;
  hangs: number;
  cuts: number;
  /** Cuts between a server and the engines alone. */
  blinds: number;
  engineCrashes: number;
  /** An engine stands still long enough for another to take over, and goes on afterwards. */
  enginePauses: number;
  /** Another engine takes over while the first goes on and does not know it: whatever leases and clocks are worth. */
  believers: number;
  departures: number;
  resizes: number;
}

export interface Tx {
  /** The server that it began on. */
  readonly origin: number;
  /** Its client was told that it is committed. */
  acknowledged: boolean;
  /** The servers (bits) whose acknowledgement has reached the origin's socket. */
  ackedBy: number;
}

export interface Server {
  blank: boolean;
  up: boolean;
  hung: boolean;
  /** `cut`: from everybody; `blind`: only the engines can't reach it. */
  net: 'joined' | 'cut' | 'blind';
  open: boolean;
  /** Committed, and visible in gtid_executed. */
  executed: TxSet;
  /** In the binary log, waiting for acknowledgements: not in gtid_executed yet. */
  waiting: TxSet;
  /** Received and not applied. */
  relay: TxSet;
  /** Index of the source; -1 is nobody. */
  source: number;
  receiver: boolean;
  applier: boolean;
  /** The receiver was started with its acknowledgements on. */
  acks: boolean;
  /** `rpl_semi_sync_replica_enabled`: lost in a restart, as the relay log is. */
  semiSyncReplica: boolean;
  /** Acknowledgements that each commit waits for; 0 is semi-sync off. */
  waitFor: number;
  /** Its pod is being deleted. */
  ending: boolean;
}

export type ModelRecord = Recorded & {
  /** The engine that looks after the cluster. */
  readonly owner: string;
  readonly operation?: Recorded['operation'] & { readonly engine: string };
};

/** One engine: what it has in memory is gone when it crashes. */
export interface Engine {
  readonly name: string;
  life: 'dead' | 'running' | 'paused';
  /** The record as it last read or wrote it. */
  stored: ModelRecord;
  run: Run | undefined;
  tasks: readonly Task[];
  /** The servers (bits) on which its sessions were ended. */
  ended: number;
}

/** One execution of a plan: PlanRun of apps/topology-engine/src/act/plan-run.ts. */
export interface Run {
  readonly plan: Plan;
  /** Another run began the operation. */
  readonly takenUp: boolean;
  /** What is left, the current step first; empty when it only waits for what runs beside. */
  readonly steps: readonly Step[];
  /** How many statements of the current step are out. */
  readonly at: number;
  /** What the current step still has to do on single servers. */
  readonly work: readonly Work[];
  readonly besides: readonly Work[];
  readonly candidate: number;
  /** What the candidate must have applied before it opens; undefined until that is known. */
  readonly mustApply: TxSet | undefined;
  /** The instance that the candidate gets from what it lacks; -1 is none. */
  readonly via: number;
  /** What each server held when its receiver was stopped; undefined for one that was not. */
  readonly seen: readonly (Seen | undefined)[];
  readonly opened: boolean;
  readonly undoing: 'no' | 'record' | 'reopen';
}

export interface Seen {
  readonly executed: TxSet;
  readonly relay: TxSet;
  readonly semiSyncReplica: boolean;
  readonly blank: boolean;
}

/** A piece of work on one server, statement by statement. */
export interface Work {
  readonly do: 'follow' | 'fence' | 'detach' | 'stop';
  readonly server: number;
  readonly at: number;
  /** Of `follow`. */
  readonly source: number;
  readonly isMember: boolean;
  /** What proves that it has lost nothing, if that is known. */
  readonly mustHold: TxSet | undefined;
  /** Nobody waits for it. */
  readonly freely: boolean;
}

/** Work beside the loop: TaskBoard of apps/topology-engine/src/act/task-board.ts. */
export type Task = AttachTask | AckTask;

export interface AttachTask {
  readonly do: 'attach';
  readonly work: Work;
}

export interface AckTask {
  readonly do: 'ack-step';
  readonly step: AckStep;
  readonly operations: readonly AckOperation[];
  /** How many of its operations are done. */
  readonly at: number;
  readonly epoch: number;
  /** What must be held before it goes on. */
  readonly must: TxSet;
  /** The ack set that it started from. */
  readonly before: AckSet;
  /** The session to its server that it began with still stands: ends with the server. */
  readonly session: boolean;
}

export function cloneWorld(world: World): World {
  return {
    ...world,
    servers: world.servers.map((server) => ({ ...server })),
    txs: world.txs.map((tx) => ({ ...tx })),
    engines: world.engines.map((engine) => ({ ...engine })),
    budget: { ...world.budget },
  };
}

export function serverAt(world: World, index: number): Server {
  const server = world.servers[index];
  if (!server) throw new Error(`no server ${String(index)}`);
  return server;
}

export const originsOf = (world: World): number[] => world.txs.map((tx) => tx.origin);

/** Everything that a server has, wherever it keeps it. */
export const holdings = ({ executed, waiting, relay }: Server): TxSet => executed | waiting | relay;
