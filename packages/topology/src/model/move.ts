import type { World } from './world.ts';

/** Something that can happen next. `apply` changes the world that it is given, a copy of the one that it was found in. */
export interface Move {
  readonly label: string;
  /** Who moves, and what a run does first when no more faults come: see `settle.ts`. */
  readonly by: 'recovery' | 'mysql' | 'engine' | 'deadline' | 'client' | 'fault';
  readonly apply: (world: World) => void;
}
