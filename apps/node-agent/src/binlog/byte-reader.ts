/** Reads numbers from the front of a buffer, one after the other. @throws RangeError past its end */
export class ByteReader {
  readonly #buffer: Buffer;
  offset: number;

  constructor(buffer: Buffer, offset = 0) {
    this.#buffer = buffer;
    this.offset = offset;
  }

  byte(): number {
    const value = this.#buffer.readUInt8(this.offset);
    this.offset += 1;
    return value;
  }

  bytes(count: number): Buffer {
    if (this.offset + count > this.#buffer.length)
      throw new RangeError(`${count} bytes at ${this.offset}: past the end`);
    this.offset += count;
    return this.#buffer.subarray(this.offset - count, this.offset);
  }

  uint64(): bigint {
    const value = this.#buffer.readBigUInt64LE(this.offset);
    this.offset += 8;
    return value;
  }

  /**
   * A number of mysql::serialization: as many bytes follow the first as that one ends in one-bits; the rest, little-endian,
   * is the value.
   */
  varlen(): bigint {
    const first = this.byte();
    let more = 0;
    while (more < 8 && ((first >> more) & 1) === 1) more += 1;
    let value = more >= 7 ? 0n : BigInt(first >> (more + 1));
    const kept = more >= 7 ? 0 : 7 - more;
    for (let i = 0; i < more; i++) value |= BigInt(this.byte()) << BigInt(kept + 8 * i);
    return value;
  }

  /** The same with the sign in the lowest bit. */
  signedVarlen(): bigint {
    const value = this.varlen();
    return (value & 1n) === 1n ? -(value >> 1n) - 1n : value >> 1n;
  }
}
