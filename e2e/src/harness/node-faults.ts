import { infraLocal } from './environment.ts';

/** SIGKILL for every process of the node, its pods included, and its cable pulled: as if the power went. */
export async function powerOff(node: string): Promise<void> {
  await infraLocal('fault', 'power-off', node);
}

export async function powerOn(node: string): Promise<void> {
  await infraLocal('fault', 'power-on', node);
}

/** Pulls the cable of the node: everything on it goes on, and talks to nobody outside. */
export async function cutOff(node: string): Promise<void> {
  await infraLocal('fault', 'cut', node);
}

export async function joinAgain(node: string): Promise<void> {
  await infraLocal('fault', 'join', node);
}
