import { nameOf } from '../testing/scene.ts';
import { canAcknowledge } from './mysql-model.ts';
import { Violation } from './violation.ts';
import { holdings, type World } from './world.ts';

/**
 * What must hold in every world. That a server is opened only with every acknowledged write, and that none is acknowledged
 * behind the back of one that was opened later, is checked where it happens: `open` and `commit` of mysql-model.ts.
 * @throws Violation
 */
export function checkWorld(world: World): void {
  const able = world.servers.flatMap((_, index) => (canAcknowledge(world, index) ? [nameOf(index)] : []));
  if (able.length > 1) throw new Violation(`${able.join(' and ')} can both acknowledge writes`);
  if (world.lost) return;
  const somewhere = world.servers.reduce((set, server) => set | holdings(server), 0);
  const lost = world.txs.findIndex((tx, index) => tx.acknowledged && !((somewhere >> index) & 1));
  if (lost !== -1) throw new Violation(`the acknowledged t${String(lost)} is on no server any more`);
}
