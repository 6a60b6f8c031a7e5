import type { FileHandle } from 'node:fs/promises';
import { type BinlogEvent, eventAt, eventType, hasChecksums, headerBytes, sizeAt, typeAt } from './event.ts';

/** The file is no binary log that can be read here; the message says why. */
class UnreadableLog extends Error {
  override readonly name = 'UnreadableLog';
}

const magic = 'fe62696e';
const encryptedMagic = 'fd62696e';
const magicBytes = 4;
/** Read at once; of a larger event only the beginning is seen. */
const windowBytes = 1024 * 1024;

/**
 * Shows every whole event of a binary log to `visit`, in order, until that says `stop`; what is torn at its end is left out.
 * `from`: the events before this one are left out, but for the log's format description.
 * @returns the byte after the last event that was shown
 * @throws UnreadableLog when it is encrypted or no binary log
 */
export async function readLog(
  file: FileHandle,
  visit: (event: BinlogEvent) => 'stop' | undefined,
  from = magicBytes,
): Promise<number> {
  let checksums = false;
  const show = (buffer: Buffer, offset: number, position: number): 'stop' | undefined => {
    const event = eventAt(buffer, offset, position, checksums);
    if (event.type === eventType.formatDescription) {
      checksums = hasChecksums(buffer.subarray(offset, offset + sizeAt(buffer, offset)));
    }
    return visit(event);
  };
  if (from === magicBytes) return await walk(file, show, from);
  await walk(file, (...first) => show(...first) ?? 'stop', magicBytes);
  return await walk(file, show, from);
}

/**
 * Where the last transactions begin, at most two: the last may be torn. Looks at the headers of events alone, which takes a fifth of
 * reading them.
 * @throws UnreadableLog when it is encrypted or no binary log
 */
export async function lastBeginnings(file: FileHandle): Promise<readonly number[]> {
  let last: number[] = [];
  const note = (buffer: Buffer, offset: number, position: number): undefined => {
    const type = typeAt(buffer, offset);
    if (type === eventType.gtid || type === eventType.taggedGtid) last = [...last, position].slice(-2);
  };
  await walk(file, note, magicBytes);
  return last;
}

type Visit = (buffer: Buffer, offset: number, position: number) => 'stop' | undefined;

/** From one whole event to the next; each is shown as the buffer that holds it, in whole or its beginning. */
async function walk(file: FileHandle, visit: Visit, from: number): Promise<number> {
  const { size } = await file.stat();
  const window = Buffer.alloc(windowBytes);
  let position = from;
  expectMagic(await fill(file, window, 0));
  while (position + headerBytes <= size) {
    const buffer = await fill(file, window, position);
    const began = position;
    while (isVisible(buffer, position - began)) {
      const offset = position - began;
      const eventBytes = sizeAt(buffer, offset);
      if (eventBytes < headerBytes || position + eventBytes > size) return position;
      // One that does not fit is looked at from its beginning, so that as much of it is seen as can be.
      if (offset > 0 && offset + eventBytes > buffer.length) break;
      const answer = visit(buffer, offset, position);
      position += eventBytes;
      if (answer === 'stop') return position;
    }
    if (position === began) break;
  }
  return position;
}

const isVisible = (buffer: Buffer, offset: number): boolean => offset + headerBytes <= buffer.length;

async function fill(file: FileHandle, window: Buffer, position: number): Promise<Buffer> {
  const { bytesRead } = await file.read(window, 0, windowBytes, position);
  return window.subarray(0, bytesRead);
}

function expectMagic(buffer: Buffer): void {
  const found = buffer.subarray(0, magicBytes).toString('hex');
  if (found === magic) return;
  if (found === encryptedMagic) throw new UnreadableLog('it is encrypted');
  throw new UnreadableLog('it does not begin as a binary log does');
}
