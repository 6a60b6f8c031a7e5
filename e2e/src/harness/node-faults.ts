import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
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

const run = promisify(execFile);
/** The API server's port, on the bridge that all nodes are plugged into. */
const API_SERVER = ['INPUT', '--in-interface', 'pilotfish0', '--protocol', 'tcp', '--destination-port', '6443'];

/** Nothing on any node reaches the API server from now on; this program does. Returns what lets them reach it again. */
export async function cutApiServer(): Promise<() => Promise<void>> {
  await run('iptables', ['--wait', '--insert', ...API_SERVER, '--jump', 'DROP']);
  return async () => {
    await run('iptables', ['--wait', '--delete', ...API_SERVER, '--jump', 'DROP']);
  };
}
