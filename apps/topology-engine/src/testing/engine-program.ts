import { readFileSync } from 'node:fs';
import { connectKube, Membership } from '@pilotfish/kube';
import { backgroundTask, createLogger, EventLoopWatch, Health, runService, systemClock } from '@pilotfish/service';
import { ClusterLoop } from '../cluster-loop.ts';
import { Fleet } from '../fleet.ts';
import type { Inventory, PodFacts } from '../inventory.ts';
import { MemoryJournal } from '../journal/journal.ts';
import { KubeInventory } from '../kube-inventory.ts';
import { KubeStore } from '../record/kube-store.ts';
import { type EngineProgramOptions, key, namespace } from './engine-program-options.ts';
import { skewDate } from './skew-date.ts';

/**
 * The engine of Kubernetes as a process of its own, over a real API server and a list of pods in a file. SIGUSR2 arms it: it then dies, or
 * stands still, at the step that it was told. SIGHUP sets its wall clock forward by a day, the next one back by two.
 */
const options = JSON.parse(process.env.PILOTFISH_TEST_ENGINE ?? '') as EngineProgramOptions;
const { engine, lease } = options;

const logger = createLogger({ service: 'test', level: 'info', pod: engine });
const clock = systemClock;
const eventLoop = new EventLoopWatch({ clock });
const kube = connectKube({ userAgent: engine, kubeconfig: options.kubeconfig });
const known = new KubeInventory({ client: kube, namespace, logger });
const membership = new Membership({
  client: kube,
  namespace,
  prefix: 'engine',
  identity: engine,
  labels: { 'test/engine': 'member' },
  timing: lease,
  logger,
});
const isAlive = (name: string): boolean => membership.members().includes(name);

/** Whoever owns it keeps it: tests say who is next by what they kill. */
function ownerOf(): string | undefined {
  const current = known.cluster(key)?.status.topology?.owner?.engine ?? '';
  return isAlive(current) ? current : membership.members()[0];
}

const inventory: Inventory = {
  cluster: () => known.cluster(key),
  podFacts: () => {
    const { primary = '', operation } = known.cluster(key)?.status.topology ?? {};
    const leads = operation?.phase === 'handing-over' ? operation.to : primary;
    const pods = JSON.parse(readFileSync(options.podsFile, 'utf8')) as PodFacts[];
    return pods.map((pod) => ({ ...pod, role: pod.name === leads ? 'master' : 'replica' }));
  },
  credentials: () => Promise.resolve(options.credentials),
};

let isArmed = false;
process.on('SIGUSR2', () => {
  isArmed = true;
  logger.info('armed');
});
skewDate();

function createLoop(): ClusterLoop {
  const loop = new ClusterLoop({
    key,
    engine,
    holdsLease: () => isAlive(engine),
    isAlive,
    inventory,
    store: new KubeStore(kube, clock),
    announcer: () => ({ event: () => undefined }),
    metrics: { observe: () => undefined, planRun: () => undefined, owned: () => undefined, forget: () => undefined },
    journal: new MemoryJournal(),
    clock,
    eventLoop,
    logger,
  });
  loop.runs.onChange(({ kind, steps }) => {
    const { at } = options;
    if (!isArmed || !at || at.kind !== kind || steps.find((step) => step.do === at.step)?.state !== 'running') return;
    // Dead with its first statement out and unanswered; standing still right before it.
    if (at.does === 'die') setImmediate(() => process.kill(process.pid, 'SIGKILL'));
    else process.kill(process.pid, 'SIGSTOP');
    isArmed = false;
  });
  return loop;
}

const fleet = new Fleet({
  self: engine,
  keys: () => (known.cluster(key) ? [key] : []),
  ownerOf,
  createLoop,
  forget: () => undefined,
  logger,
});

async function runFleet(signal: AbortSignal): Promise<void> {
  await known.clusters.whenSynced(signal);
  known.clusters.onChange(() => {
    fleet.reconcile();
    fleet.notify(key);
  });
  membership.onChange(() => fleet.reconcile());
  while (!signal.aborted) {
    fleet.reconcile();
    await clock.sleep(100, signal).catch(() => undefined);
  }
  await fleet.stop();
}

await runService({
  name: engine,
  logger,
  health: new Health(),
  components: [
    backgroundTask('clusters', (signal) => known.clusters.run(signal)),
    backgroundTask('membership', (signal) => membership.run(signal)),
    { ...backgroundTask('fleet', runFleet), stopTimeoutMs: 10_000 },
  ],
});
