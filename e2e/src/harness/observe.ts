import { setTimeout as sleep } from 'node:timers/promises';

/** Lets time pass while others record what happens: for claims that something does not happen. Never used to wait for something. */
export async function observeFor(ms: number): Promise<void> {
  await sleep(ms);
}
