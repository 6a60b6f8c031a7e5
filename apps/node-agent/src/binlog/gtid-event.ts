import { ByteReader } from './byte-reader.ts';
import { type BinlogEvent, eventType } from './event.ts';

/** A transaction's name. */
export interface TransactionId {
  /** UUID of the server that it came from, lower case. */
  readonly uuid: string;
  /** Empty without one. */
  readonly tag: string;
  readonly number: bigint;
}

const uuidBytes = 16;
/** Fields of a tagged event, by their numbers. */
const field = { flags: 0n, uuid: 1n, number: 2n, tag: 3n } as const;

/** The name in a GTID event, tagged (MySQL 8.3) or not. @throws Error when it is not as known */
export function transactionIdOf({ type, body }: Pick<BinlogEvent, 'type' | 'body'>): TransactionId {
  const reader = new ByteReader(body);
  if (type === eventType.taggedGtid) return readTagged(reader);
  reader.byte(); // flags
  const uuid = formatUuid(reader.bytes(uuidBytes));
  return { uuid, tag: '', number: reader.uint64() };
}

/** A message of mysql::serialization: version, size, last field that must be understood, then numbered fields. */
function readTagged(reader: ByteReader): TransactionId {
  const version = reader.varlen();
  if (version !== 1n) throw new Error(`a GTID event of version ${version} is not known`);
  reader.varlen(); // size
  reader.varlen(); // last field that must be understood
  expectField(reader, field.flags);
  reader.varlen();
  expectField(reader, field.uuid);
  // Each byte is a number of its own.
  const uuid = formatUuid(Buffer.from(Array.from({ length: uuidBytes }, () => Number(reader.varlen()))));
  expectField(reader, field.number);
  const number = reader.signedVarlen();
  expectField(reader, field.tag);
  const tag = reader.bytes(Number(reader.varlen())).toString('latin1');
  return { uuid, tag, number };
}

function expectField(reader: ByteReader, expected: bigint): void {
  const found = reader.varlen();
  if (found !== expected) throw new Error(`a GTID event has field ${found} where ${expected} was expected`);
}

export function formatUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** As in the text of a GTID set. */
export function formatTransactionId({ uuid, tag, number }: TransactionId): string {
  return tag === '' ? `${uuid}:${number}` : `${uuid}:${tag}:${number}`;
}
