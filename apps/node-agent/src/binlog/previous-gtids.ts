import { GtidSet } from '@pilotfish/gtid';
import { ByteReader } from './byte-reader.ts';
import { formatUuid } from './gtid-event.ts';

const uuidBytes = 16;
const taggedFormat = 1;

/**
 * The set in a PREVIOUS_GTIDS event: the transactions of all logs before this one.
 *
 * The first 8 bytes are the number of sources; with tags (MySQL 8.3) their lowest and highest byte are the format, and the number is
 * between. A source is a UUID, with tags its tag, and intervals without their ends.
 */
export function previousGtidsOf(body: Buffer): GtidSet {
  const reader = new ByteReader(body);
  const head = reader.uint64();
  const tagged = head >> 56n === BigInt(taggedFormat);
  const sources = tagged ? (head >> 8n) & 0xff_ff_ff_ff_ffn : head;
  const parts: string[] = [];
  for (let i = 0n; i < sources; i++) {
    const uuid = formatUuid(reader.bytes(uuidBytes));
    const tag = tagged ? reader.bytes(Number(reader.varlen())).toString('latin1') : '';
    const intervals = reader.uint64();
    for (let j = 0n; j < intervals; j++) {
      const [first, end] = [reader.uint64(), reader.uint64()];
      parts.push(`${uuid}:${tag === '' ? '' : `${tag}:`}${first}-${end - 1n}`);
    }
  }
  return GtidSet.parse(parts.join(','));
}
