/**
 * A transaction's number within its source: 1 to 2^63 - 2.
 *
 * In practice every one is far below 2^53 (a million transactions a second for 285 years), so it is a plain number and set algebra runs on numbers.
 * But anyone may write `SET gtid_next = '<uuid>:9223372036854775806'`, and a set with such a member must still be read exactly:
 * beyond Number.MAX_SAFE_INTEGER, and only there, it is a bigint. Values are always in that normal form, so `===` holds;
 * `<` between a number and a bigint is exact in JavaScript.
 */
export type Gno = number | bigint;

/** MySQL's GNO_END is 2^63 - 1 and itself not a valid number. */
export const maxGno = 2n ** 63n - 2n;

export function normalGno(value: bigint): Gno {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

export function nextGno(gno: Gno): Gno {
  return typeof gno === 'number' && gno < Number.MAX_SAFE_INTEGER ? gno + 1 : normalGno(BigInt(gno) + 1n);
}

export function previousGno(gno: Gno): Gno {
  return typeof gno === 'number' ? gno - 1 : normalGno(gno - 1n);
}
