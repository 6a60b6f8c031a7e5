import { open } from 'node:fs/promises';
import { GtidSet } from '@pilotfish/gtid';
import { type BinlogEvent, eventType, inUseFlag } from './event.ts';
import { previousGtidsOf } from './previous-gtids.ts';
import { lastBeginnings, readLog } from './read-log.ts';
import { type LoggedTransaction, TransactionReader } from './transactions.ts';

/** How a log begins. */
export interface LogHead {
  /** Its server did not end in order, or still runs. */
  readonly inUse: boolean;
  /** The transactions of all logs before it. */
  readonly previous: GtidSet;
  /** Bytes up to the first transaction. */
  readonly bytes: number;
}

/** @throws UnreadableLog, and Error when an event is not as known */
export async function readHead(path: string): Promise<LogHead> {
  const file = await open(path, 'r');
  try {
    let inUse = false;
    let previous = GtidSet.empty;
    const bytes = await readLog(file, ({ type, flags, body }) => {
      if (type === eventType.formatDescription) inUse = (flags & inUseFlag) !== 0;
      if (type !== eventType.previousGtids) return undefined;
      previous = previousGtidsOf(body);
      return 'stop';
    });
    return { inUse, previous, bytes };
  } finally {
    await file.close();
  }
}

/** The last whole transaction of a log; undefined when it has none. @throws UnreadableLog, and Error when an event is not as known */
export async function readLastTransaction(path: string): Promise<LoggedTransaction | undefined> {
  const file = await open(path, 'r');
  try {
    const [from] = await lastBeginnings(file);
    const reader = new TransactionReader();
    let last: LoggedTransaction | undefined;
    const note = (event: BinlogEvent): undefined => {
      last = reader.take(event) ?? last;
    };
    if (from !== undefined) await readLog(file, note, from);
    return last;
  } finally {
    await file.close();
  }
}

/** Shows every whole transaction of a log to `visit`, in order. @throws UnreadableLog, and Error when an event is not as known */
export async function readTransactions(path: string, visit: (transaction: LoggedTransaction) => void): Promise<void> {
  const file = await open(path, 'r');
  try {
    const reader = new TransactionReader();
    await readLog(file, (event) => {
      const transaction = reader.take(event);
      if (transaction !== undefined) visit(transaction);
      return undefined;
    });
  } finally {
    await file.close();
  }
}
