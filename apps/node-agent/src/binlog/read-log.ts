import type { FileHandle } from 'node:fs/promises';
import { type BinlogEvent, eventAt, eventType, hasChecksums, headerBytes, sizeAt } from './event.ts';

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
 * @returns the byte after the last event that was shown
 * @throws UnreadableLog when it is encrypted or no binary log
 */
export async function readLog(file: FileHandle, visit: (event: BinlogEvent) => 'stop' | undefined): Promise<number> {
  const { size } = await file.stat();
  const window = Buffer.alloc(windowBytes);
  let position = magicBytes;
  let checksums = false;
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
      const event = eventAt(buffer, offset, position, checksums);
      if (event.type === eventType.formatDescription) {
        checksums = hasChecksums(buffer.subarray(offset, offset + eventBytes));
      }
      position += eventBytes;
      if (visit(event) === 'stop') return position;
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
