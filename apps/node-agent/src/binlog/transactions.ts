import { type BinlogEvent, eventType } from './event.ts';
import { type TransactionId, transactionIdOf } from './gtid-event.ts';

/**
 * What a transaction is, as far as its events tell:
 * - transactional: of InnoDB alone, with an XID; until the server has heard of its acknowledgements it is only prepared there
 * - empty: begins and ends, and nothing is between
 * - other: a statement on its own (DDL, accounts), an XA transaction, or rows of an engine without transactions
 */
export type Nature = 'transactional' | 'empty' | 'other';

/** One whole transaction of a binary log. */
export interface LoggedTransaction {
  readonly id: TransactionId;
  /** Byte at which its GTID event begins. */
  readonly position: number;
  readonly nature: Nature;
  /** Whether every checksum that was looked at is right. */
  readonly intact: boolean;
}

interface Open {
  readonly id: TransactionId;
  readonly position: number;
  begun: boolean;
  changes: boolean;
  intact: boolean;
}

const queryHeaderBytes = 13;

/** Makes transactions of events. */
export class TransactionReader {
  #open: Open | undefined;

  /** The transaction that this event ends, if it ends one. @throws Error when a GTID event is not as known */
  take(event: BinlogEvent): LoggedTransaction | undefined {
    if (event.type === eventType.gtid || event.type === eventType.taggedGtid) {
      const { position, intact } = event;
      this.#open = { id: transactionIdOf(event), position, begun: false, changes: false, intact };
      return undefined;
    }
    const open = this.#open;
    if (open === undefined) return undefined;
    open.intact &&= event.intact;
    switch (event.type) {
      case eventType.xid:
        return this.#end(open, open.changes ? 'transactional' : 'empty');
      // Compressed: MySQL compresses only transactions of engines with transactions.
      case eventType.transactionPayload:
        return this.#end(open, 'transactional');
      case eventType.xaPrepare:
        return this.#end(open, 'other');
      case eventType.query:
        return this.#takeQuery(open, statementOf(event.body));
      default:
        open.changes = true;
        return undefined;
    }
  }

  /** Where a transaction begins that has not ended. */
  get openedAt(): number | undefined {
    return this.#open?.position;
  }

  #takeQuery(open: Open, statement: string): LoggedTransaction | undefined {
    if (!open.begun) {
      if (statement !== 'BEGIN') return this.#end(open, 'other');
      open.begun = true;
      return undefined;
    }
    if (statement === 'COMMIT') return this.#end(open, open.changes ? 'other' : 'empty');
    if (statement === 'ROLLBACK') return this.#end(open, 'other');
    open.changes = true;
    return undefined;
  }

  #end({ id, position, intact }: Open, nature: Nature): LoggedTransaction {
    this.#open = undefined;
    return { id, position, nature, intact };
  }
}

/** Thread 4, time 4, length of the database's name 1, error 2, length of the status variables 2; those; the name and a zero; the text. */
function statementOf(body: Buffer): string {
  if (body.length < queryHeaderBytes) return '';
  const text = queryHeaderBytes + body.readUInt16LE(11) + body.readUInt8(8) + 1;
  return body.subarray(text, text + 100).toString('latin1');
}
