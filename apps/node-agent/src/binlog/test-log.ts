import { crc32 } from 'node:zlib';
import { eventType, headerBytes, inUseFlag } from './event.ts';

export const ownUuid = 'aaaaaaaa-1111-1111-1111-111111111111';
export const otherUuid = 'bbbbbbbb-1111-1111-1111-111111111111';

/** Rows of a table: a type that the parser does not tell apart. */
const rowsEvent = 30;

/** Makes binary logs byte by byte, as mysqld does, with checksums. */
export class TestLog {
  readonly #parts: Buffer[] = [Buffer.from('fe62696e', 'hex')];

  constructor({ inUse = true, previous = '' }: { inUse?: boolean; previous?: string } = {}) {
    const description = Buffer.alloc(2 + 50 + 4 + 1 + 40 + 1);
    description[description.length - 1] = 1;
    this.#add(eventType.formatDescription, description, inUse ? inUseFlag : 0);
    this.#add(eventType.previousGtids, previousGtids(previous));
  }

  get size(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  transactional(uuid: string, number: number): this {
    return this.#gtid(uuid, number)
      .#query('BEGIN')
      .#add(rowsEvent, Buffer.alloc(20))
      .#add(eventType.xid, Buffer.alloc(8));
  }

  compressed(uuid: string, number: number): this {
    return this.#gtid(uuid, number).#add(eventType.transactionPayload, Buffer.alloc(60));
  }

  empty(uuid: string, number: number): this {
    return this.#gtid(uuid, number).#query('BEGIN').#query('COMMIT');
  }

  withoutTransactions(uuid: string, number: number): this {
    return this.#gtid(uuid, number).#query('BEGIN').#add(rowsEvent, Buffer.alloc(20)).#query('COMMIT');
  }

  statement(uuid: string, number: number, text = 'CREATE TABLE t (id INT)'): this {
    return this.#gtid(uuid, number).#query(text);
  }

  #gtid(uuid: string, number: number): this {
    const body = Buffer.alloc(42);
    uuidBytes(uuid).copy(body, 1);
    body.writeBigUInt64LE(BigInt(number), 17);
    return this.#add(eventType.gtid, body);
  }

  #query(text: string): this {
    const database = 'shop';
    const head = Buffer.alloc(13);
    head.writeUInt8(database.length, 8);
    head.writeUInt16LE(3, 11);
    return this.#add(eventType.query, Buffer.concat([head, Buffer.alloc(3), Buffer.from(`${database}\0${text}`)]));
  }

  #add(type: number, body: Buffer, flags = 0): this {
    const size = headerBytes + body.length + 4;
    const header = Buffer.alloc(headerBytes);
    header.writeUInt8(type, 4);
    header.writeUInt32LE(size, 9);
    header.writeUInt32LE(this.size + size, 13);
    header.writeUInt16LE(flags, 17);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32LE(crc32(Buffer.concat([header, body])));
    this.#parts.push(header, body, checksum);
    return this;
  }
}

function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

/** `uuid:first-last`, or nothing. */
function previousGtids(text: string): Buffer {
  const match = /^(\S+):(\d+)-(\d+)$/.exec(text);
  if (match === null) return Buffer.alloc(8);
  const body = Buffer.alloc(8 + 16 + 8 + 16);
  body.writeBigUInt64LE(1n, 0);
  uuidBytes(match[1] ?? '').copy(body, 8);
  body.writeBigUInt64LE(1n, 24);
  body.writeBigUInt64LE(BigInt(match[2] ?? 0), 32);
  body.writeBigUInt64LE(BigInt(match[3] ?? 0) + 1n, 40);
  return body;
}
