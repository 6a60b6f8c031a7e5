import type { Clock, Logger } from '@pilotfish/service';
import type { LocalMysql, MysqldView } from './local-mysql.ts';

export interface PreStopFacts {
  readonly mysqld: MysqldView;
  /** For how long it has been seen open, closed, or without an answer. */
  readonly unchangedForMs: number;
  /** Replicas that are connected. */
  readonly replicas: number;
  /** For how long no topology engine has been connected to this mysqld. */
  readonly engineAbsentMs: number;
  readonly elapsedMs: number;
}

export type PreStopVerdict = 'wait' | 'closed' | 'not-serving' | 'no-replica' | 'no-engine' | 'too-late';

const preStopLimitMs = 25_000;
const engineAbsentLimitMs = 3000;
/**
 * A primary that was just closed is needed on: the engine reads what it holds, the candidate what it has not received yet.
 * And a look without an answer may be a slow one.
 */
const unchangedMs = 2000;

/** Whether the pod may end now, or somebody can still take over in good order. */
export function decidePreStop(facts: PreStopFacts): PreStopVerdict {
  const { mysqld, unchangedForMs, replicas, engineAbsentMs, elapsedMs } = facts;
  const isLasting = unchangedForMs >= unchangedMs;
  if (mysqld.kind !== 'answering') return isLasting ? 'not-serving' : 'wait';
  if (mysqld.superReadOnly) return isLasting || replicas === 0 ? 'closed' : 'wait';
  if (replicas === 0) return 'no-replica';
  if (engineAbsentMs >= engineAbsentLimitMs) return 'no-engine';
  return elapsedMs >= preStopLimitMs ? 'too-late' : 'wait';
}

interface Dependents {
  readonly replicas: number;
  readonly engine: boolean;
}

const lookEveryMs = 100;
const dependentsEveryMs = 500;

/** Blocks until the engine has moved the primary elsewhere, or waiting is of no use. */
export async function waitBeforeStop(
  { local, clock, logger }: { readonly local: LocalMysql; readonly clock: Clock; readonly logger: Logger },
  signal: AbortSignal,
): Promise<PreStopVerdict> {
  const beganMs = clock.nowMs();
  let engineSeenMs = beganMs;
  let dependents: Dependents | undefined;
  let announced = false;
  let askedMs = Number.NEGATIVE_INFINITY;
  let unchanged = { state: '', sinceMs: beganMs };
  for (;;) {
    const mysqld = await local.look();
    const state = stateOf(mysqld);
    if (state !== unchanged.state) unchanged = { state, sinceMs: clock.nowMs() };
    if (state === 'closed' || (state === 'open' && clock.nowMs() - askedMs >= dependentsEveryMs)) {
      // When it can't be had, the last one stands; a mysqld that is gone shows in the look.
      dependents = (await askDependents(local)) ?? dependents;
      askedMs = clock.nowMs();
    }
    const nowMs = clock.nowMs();
    if (dependents?.engine === true) engineSeenMs = nowMs;
    const verdict = decidePreStop({
      mysqld,
      unchangedForMs: nowMs - unchanged.sinceMs,
      replicas: dependents?.replicas ?? 1,
      engineAbsentMs: nowMs - engineSeenMs,
      elapsedMs: nowMs - beganMs,
    });
    if (verdict !== 'wait') {
      logger.info({ verdict, elapsedMs: Math.round(nowMs - beganMs) }, 'pre-stop ends');
      return verdict;
    }
    if (!announced) logger.info({ replicas: dependents?.replicas }, 'pre-stop waits until nobody needs this instance');
    announced = true;
    await clock.sleep(lookEveryMs, signal);
  }
}

function stateOf(mysqld: MysqldView): string {
  if (mysqld.kind !== 'answering') return 'no answer';
  return mysqld.superReadOnly ? 'closed' : 'open';
}

async function askDependents(local: LocalMysql): Promise<Dependents | undefined> {
  try {
    const rows = await local.withSession((session) =>
      session.query<{ User: string; Host: string; Command: string }>('SHOW PROCESSLIST', [], { deadlineMs: 1000 }),
    );
    return {
      replicas: rows.filter(({ Command }) => Command.startsWith('Binlog Dump')).length,
      // The agent itself comes over the socket.
      engine: rows.some(({ User, Host }) => User === local.operator.user && !Host.startsWith('localhost')),
    };
  } catch {
    return undefined;
  }
}
