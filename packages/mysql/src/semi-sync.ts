import type { Deadline } from './endpoint.ts';
import type { SqlSession } from './sql-session.ts';

/** About 50 days in milliseconds, the most MySQL takes: a commit never falls back to unacknowledged. */
export const neverFallBackMs = 4_294_967_295;

/**
 * From the next commit on, a commit waits until `k` replicas have it in their relay logs, without a fall-back, before anybody sees it (AFTER_SYNC).
 * 3 ms. For the primary only: on a replica without semi-sync replicas of its own, the applier would wait for an acknowledgement and stop.
 *
 * **A statement about accounts (CREATE USER, GRANT, …) that waits for its acknowledgement keeps everybody from logging in**, and so also the replicas
 * that could acknowledge it: with fewer than `k` of them connected it never ends, and KILL does not end it. Sessions that exist go on working.
 * Way out: disableSemiSyncSource, or kill mysqld.
 */
export async function enableSemiSyncSource(session: SqlSession, k: number, deadline: Deadline): Promise<void> {
  await session.query(`SET ${sourceOn}`, [k, neverFallBackMs], deadline);
}

const sourceOn = `GLOBAL rpl_semi_sync_source_wait_for_replica_count = ?, GLOBAL rpl_semi_sync_source_timeout = ?,
  GLOBAL rpl_semi_sync_source_wait_point = 'AFTER_SYNC', GLOBAL rpl_semi_sync_source_wait_no_replica = ON,
  GLOBAL rpl_semi_sync_source_enabled = ON`;

/**
 * Makes commits wait for `k` acknowledgements and opens the server for writes, in one statement: if it arrives late, after
 * somebody else has changed the server, it still opens none whose commits wait for nobody.
 */
export async function openWithAcks(session: SqlSession, k: number, deadline: Deadline): Promise<void> {
  await session.query(`SET ${sourceOn}, GLOBAL read_only = OFF`, [k, neverFallBackMs], deadline);
}

/**
 * Turns waiting for acknowledgements off. **Commits that wait are committed and acknowledged to their clients.**
 * Up to 1 s, in which nobody can log in: it waits, with the lock of the global variables, for its receiver of acknowledgements, which looks once a
 * second. For a server that is to replicate, `retireSemiSyncSource`.
 */
export async function disableSemiSyncSource(session: SqlSession, deadline: Deadline): Promise<void> {
  await session.query('SET GLOBAL rpl_semi_sync_source_enabled = OFF', [], deadline);
}

/**
 * Makes a closed server that was a semi-sync source fit to replicate: its applier waits for nobody, whoever is still connected as its replica. 1 ms.
 * Turning the source off would do that too, and keep everybody from logging in for a second: the statement holds the lock of the global variables
 * until the receiver of acknowledgements has looked up. Whoever opens the server makes commits wait again.
 */
export async function retireSemiSyncSource(session: SqlSession, deadline: Deadline): Promise<void> {
  const sql = 'SET GLOBAL rpl_semi_sync_source_wait_no_replica = OFF, GLOBAL rpl_semi_sync_source_timeout = 1';
  await session.query(sql, [], deadline);
}

/** How many acknowledgements a commit waits for, from now on; also for commits that wait already. 1 ms. */
export async function setSemiSyncWaitFor(session: SqlSession, k: number, deadline: Deadline): Promise<void> {
  await session.query('SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = ?', [k], deadline);
}

/** Whether this server acknowledges as a replica. A receiver that runs takes it up at its next start (stopReceiver, startReceiver). 1 ms. */
export async function enableSemiSyncReplica(session: SqlSession, on: boolean, deadline: Deadline): Promise<void> {
  await session.query(`SET GLOBAL rpl_semi_sync_replica_enabled = ${on ? 'ON' : 'OFF'}`, [], deadline);
}
