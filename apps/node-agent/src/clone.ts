import { cloneFrom, cloneStatus, killSession, MysqlError, setValidDonors, stopReplication } from '@pilotfish/mysql';
import type { Clock, Logger } from '@pilotfish/service';
import * as z from 'zod';
import type { SystemAccounts } from './accounts.ts';
import { cloneOutcome, oldDataMayBeGone } from './clone-outcome.ts';
import { describeProgress, ProgressWatch } from './clone-progress.ts';
import type { DataMarkers } from './data-markers.ts';
import type { ErrantStore } from './errant-store.ts';
import { gtidSet } from './gtid-text.ts';
import type { LocalMysql } from './local-mysql.ts';
import type { MysqldProcess } from './mysqld-process.ts';
import { messageOf } from './refusal.ts';

export const cloneRequest = z.strictObject({
  donorHost: z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, 'expected a host name or address'),
  donorPort: z.int().min(1).max(65_535),
  /** Transactions that only this instance has: they are kept aside first, or there is no clone. */
  saveErrant: gtidSet.optional(),
  reason: z.string().max(1000),
});
export type CloneRequest = z.output<typeof cloneRequest>;

export interface CloneDependencies {
  readonly accounts: SystemAccounts;
  readonly local: LocalMysql;
  readonly mysqld: MysqldProcess;
  readonly markers: DataMarkers;
  readonly errant: ErrantStore;
  readonly logger: Logger;
  readonly clock: Clock;
}

type Report = (phase: 'cloning' | 'saving-errant', detail: string) => void;

const statement = { deadlineMs: 10_000 };
/** A transaction that is being applied ends first. */
const stopReplicationMs = 60_000;
/** Terabytes take hours; what ends a clone that hangs is the watch on its progress. */
const copyDeadlineMs = 7 * 24 * 3_600_000;
/** More than clone_ddl_timeout (300 s), for which a donor may rightly wait. */
const noProgressMs = 600_000;
/** Crash recovery of the copied data. */
const restartDeadlineMs = 1_800_000;

/**
 * Replaces this instance's data with the donor's: stop replication, save what only this instance has, CLONE, wait for the restarted mysqld to confirm it.
 * Rejects with what went wrong, for people. The cloning marker then stays if the old data may be gone.
 */
export async function runClone(
  deps: CloneDependencies,
  request: CloneRequest,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const { local, markers, errant, clock } = deps;
  await local.withSession(async (session) => {
    // Nothing may be added between the save and the clone.
    await stopReplication(session, { deadlineMs: stopReplicationMs });
    if (request.saveErrant !== undefined && !request.saveErrant.isEmpty()) {
      report('saving-errant', `saving ${request.saveErrant.count()} transactions that only this instance has`);
      await errant.save(session, request.saveErrant, request.reason);
    }
  });
  const before = await deps.mysqld.find();
  const donor = `${request.donorHost}:${request.donorPort}`;
  await markers.writeCloning({ startedAt: clock.wall().toISOString(), donor, reason: request.reason });
  try {
    report('cloning', 'asks the donor');
    await copy(deps, request, report, signal);
    report('cloning', 'mysqld restarts with the cloned data');
    await waitForRestart(deps, before?.pid, signal);
  } catch (error: unknown) {
    if (!signal.aborted && !(await oldDataMayBeGone(local))) await markers.removeCloning();
    throw error;
  }
  await markers.removeBlank();
  await markers.removeCloning();
}

async function copy(
  deps: CloneDependencies,
  request: CloneRequest,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const { local, accounts, mysqld } = deps;
  const donor = { host: request.donorHost, port: request.donorPort, ...accounts.replication };
  const outcome = await local.withSession(async (session) => {
    await setValidDonors(session, [donor], statement);
    // CLONE drops what is here, and super_read_only forbids that to it too; read_only stays, so applications stay out.
    await session.query('SET GLOBAL super_read_only = OFF', [], statement);
    const ended = new AbortController();
    const watch = watchProgress(deps, session.threadId, report, AbortSignal.any([ended.signal, signal]));
    const copied = await cloneFrom(session, donor, { deadlineMs: copyDeadlineMs, signal }).catch((error: unknown) => {
      return new Error(withoutPassword(error, donor.password));
    });
    ended.abort();
    const stalled = await watch;
    // A restarted mysqld is closed anyway.
    if (stalled !== undefined || copied instanceof Error) await closeAgain(deps);
    if (stalled !== undefined) throw new Error(stalled);
    if (copied instanceof Error) throw copied;
    return copied;
  });
  // Only if somebody runs mysqld without run-mysqld.sh's promise to start it again.
  if (outcome === 'restart-needed') await mysqld.kill();
}

async function closeAgain({ local, logger }: CloneDependencies): Promise<void> {
  try {
    await local.close(statement.deadlineMs);
  } catch (error: unknown) {
    logger.warn({ detail: messageOf(error) }, 'super_read_only could not be set after a clone that failed');
  }
}

/**
 * Reports progress until the signal is aborted, and ends a clone that makes none: by KILL first, with mysqld next.
 * Resolves with why it did.
 */
async function watchProgress(
  { local, mysqld, clock, logger }: CloneDependencies,
  threadId: number,
  report: Report,
  signal: AbortSignal,
): Promise<string | undefined> {
  const progress = new ProgressWatch(noProgressMs);
  let stalled: string | undefined;
  for (;;) {
    await clock.sleep(1000, signal).catch(() => undefined);
    if (signal.aborted) return stalled;
    const status = await local.withSession((session) => cloneStatus(session, statement)).catch(() => null);
    if (status?.state === 'In Progress') report('cloning', describeProgress(status));
    if (!progress.isStalled(status, clock.nowMs())) continue;
    try {
      if (stalled === undefined) await local.withSession((session) => killSession(session, threadId, statement));
      else await mysqld.kill();
    } catch (error: unknown) {
      logger.warn({ detail: messageOf(error) }, 'stalled clone could not be ended');
    }
    stalled ??= `no progress for ${noProgressMs / 1000} s: ${status === null ? 'mysqld does not answer' : describeProgress(status)}`;
    progress.restart(clock.nowMs());
  }
}

/** Until another mysqld than the one that cloned confirms it. */
async function waitForRestart(deps: CloneDependencies, oldPid: number | undefined, signal: AbortSignal): Promise<void> {
  const { local, mysqld, clock } = deps;
  const deadline = clock.nowMs() + restartDeadlineMs;
  while (clock.nowMs() < deadline) {
    await clock.sleep(100, signal);
    const entry = await mysqld.find();
    if (entry === undefined) continue;
    const view = await local.look();
    if (view.kind !== 'answering' && view.kind !== 'denied') continue;
    const outcome = await cloneOutcome(local).catch(() => undefined);
    switch (outcome?.kind) {
      case 'completed':
        return;
      case 'failed':
        // The old one on its way out says this as well: only the new one knows.
        if (entry.pid !== oldPid || outcome.detail.startsWith('CLONE')) throw new Error(outcome.detail);
        break;
      case 'never-begun':
        throw new Error('mysqld ended before the clone was complete');
      case 'running':
      case undefined:
        break;
      default:
        outcome satisfies never;
    }
  }
  throw new Error(`mysqld did not come back within ${restartDeadlineMs / 60_000} minutes`);
}

/** The server quotes the statement in some messages. */
function withoutPassword(error: unknown, password: string): string {
  const { message, errno } = MysqlError.from(error);
  return `CLONE failed${errno === undefined ? '' : ` (${errno})`}: ${message.replaceAll(password, '***')}`;
}
