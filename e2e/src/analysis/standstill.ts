/** From here on a silence of the clients counts as standing still, and needs a word of why. A shorter one is printed. */
export const STANDSTILL_MS = 3_000;
