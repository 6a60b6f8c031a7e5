import { nameOf } from '../testing/scene.ts';
import { canonicalHash, compact } from './canonical.ts';
import { indexOf, snapshotOf } from './evidence.ts';
import { checkWorld } from './invariants.ts';
import type { Subject } from './subject.ts';
import { includes } from './tx-set.ts';
import { Violation } from './violation.ts';
import { cloneWorld, serverAt, type World } from './world.ts';
import { nextWithoutFaults } from './world-moves.ts';

/** Whether everything that failed comes back, or stays as it is. */
export type Ending = 'recovered' | 'as-it-is';

const longestRun = 400;

/**
 * Checks that runs end well: from any world without further faults, in a stable cluster or in a hold that says why; and when
 * all that failed is back, in a cluster whose open primary has every acknowledged write.
 */
export class Endings {
  readonly #subject: Subject;
  readonly #good: Readonly<Record<Ending, Set<number>>> = { recovered: new Set(), 'as-it-is': new Set() };

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** @throws Violation, with the moves that led there in `path` */
  check(from: World, ending: Ending, path: string[]): void {
    const good = this.#good[ending];
    const passed = new Set<number>();
    let world = from;
    for (;;) {
      const hash = canonicalHash(world);
      if (good.has(hash)) break;
      if (passed.has(hash) && !world.engines.some(({ run }) => run)) {
        // Repairs that can't be done now are tried again and again.
        this.#checkEnd(world, ending);
        break;
      }
      if (passed.has(hash) || passed.size > longestRun) throw new Violation('it goes round in circles');
      passed.add(hash);
      const move = nextWithoutFaults(world, this.#subject, ending === 'recovered');
      if (!move) {
        this.#checkEnd(world, ending);
        break;
      }
      path.push(move.label);
      world = cloneWorld(world);
      move.apply(world);
      checkWorld(world);
      compact(world);
    }
    for (const hash of passed) good.add(hash);
  }

  #checkEnd(world: World, ending: Ending): void {
    const running = world.engines.filter(({ life }) => life === 'running');
    const engine = running.find(({ name }) => name === world.record.owner) ?? running[0];
    if (!engine) throw new Violation('no engine runs');
    const { state, hold, plan } = this.#subject.decide(snapshotOf(world, engine.stored));
    if (plan) throw new Violation(`${state}: a ${plan.kind} is wanted, and nobody carries it out`);
    if (hold && (ending === 'as-it-is' || world.lost)) {
      if (hold.message === '') throw new Violation(`${state}: held without a reason`);
      return;
    }
    if (hold) throw new Violation(`everything is back, and it is held: ${hold.message}`);
    if (state !== 'PrimaryHealthy') throw new Violation(`it ends as ${state}, without a hold that says why`);
    if (ending === 'recovered') checkWhole(world);
  }
}

function checkWhole(world: World): void {
  const primary = indexOf(world.record.primary);
  const { executed, open } = serverAt(world, primary);
  if (!open) throw new Violation(`${nameOf(primary)} leads and is closed`);
  const lost = world.txs.findIndex((tx, index) => tx.acknowledged && !includes(executed, 1 << index));
  if (lost !== -1)
    throw new Violation(`the acknowledged t${String(lost)} is lost: ${nameOf(primary)} leads without it`);
  for (const [index, server] of world.servers.entries()) {
    if (index === primary) continue;
    if (server.open) throw new Violation(`${nameOf(index)} is open beside the primary`);
    if (index < world.wanted && server.executed !== executed)
      throw new Violation(`${nameOf(index)} does not hold what the primary holds`);
  }
  if (world.record.operation) throw new Violation('an operation is still recorded');
}
