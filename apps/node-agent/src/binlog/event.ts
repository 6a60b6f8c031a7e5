import { crc32 } from 'node:zlib';

/** The event types that are told apart here; all others are "something in a transaction". */
export const eventType = {
  query: 2,
  stop: 3,
  rotate: 4,
  formatDescription: 15,
  xid: 16,
  gtid: 33,
  anonymousGtid: 34,
  previousGtids: 35,
  xaPrepare: 38,
  transactionPayload: 40,
  taggedGtid: 42,
} as const;

/** One event of a binary log. */
export interface BinlogEvent {
  readonly type: number;
  /** Byte in the file at which it begins. */
  readonly position: number;
  /** Byte after it. */
  readonly end: number;
  readonly flags: number;
  /** What follows the header, without the checksum; of an event larger than what is read at once, its beginning. */
  readonly body: Buffer;
  /** Whether its checksum is right; true as well when it has none, or is too large to be had in whole. */
  readonly intact: boolean;
}

export const headerBytes = 19;
const checksumBytes = 4;
/** Set in the first event while the log is written to; a server that ends in order clears it. */
export const inUseFlag = 0x1;

/** Of an event header: what it takes to find the next one. */
export function sizeAt(buffer: Buffer, offset: number): number {
  return buffer.readUInt32LE(offset + 9);
}

export function typeAt(buffer: Buffer, offset: number): number {
  return buffer.readUInt8(offset + 4);
}

/**
 * The event at `offset`; the buffer holds it in whole, or its beginning.
 * @param position of `offset` in the file
 */
export function eventAt(buffer: Buffer, offset: number, position: number, checksums: boolean): BinlogEvent {
  const size = sizeAt(buffer, offset);
  const isWhole = offset + size <= buffer.length;
  const bodyEnd = isWhole ? offset + size - (checksums ? checksumBytes : 0) : buffer.length;
  return {
    type: typeAt(buffer, offset),
    position,
    end: position + size,
    flags: buffer.readUInt16LE(offset + 17),
    body: buffer.subarray(offset + headerBytes, Math.max(bodyEnd, offset + headerBytes)),
    intact: !isWhole || !checksums || isIntact(buffer.subarray(offset, offset + size)),
  };
}

/** The last four bytes of an event are the CRC-32 of the others. */
function isIntact(event: Buffer): boolean {
  if (event.length < headerBytes + checksumBytes) return false;
  const end = event.length - checksumBytes;
  return crc32(event.subarray(0, end)) === event.readUInt32LE(end);
}

/** Whether the events of a log carry checksums, from its format description, which always has one itself. */
export function hasChecksums(formatDescription: Buffer): boolean {
  return formatDescription[formatDescription.length - checksumBytes - 1] === 1;
}
