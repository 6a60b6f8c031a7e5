import { hostname } from 'node:os';
import { join } from 'node:path';
import { busMetrics, connectBus } from '@pilotfish/bus';
import {
  backgroundTask,
  EventLoopWatch,
  Health,
  type Logger,
  Metrics,
  opsHandler,
  runService,
  systemClock,
} from '@pilotfish/service';
import { ClusterLoop } from '../cluster-loop.ts';
import { Fleet } from '../fleet.ts';
import { basePath, createApi } from '../http/api.ts';
import { apiServerComponent } from '../http/api-server.ts';
import { staticToken } from '../http/static-token.ts';
import { MemoryJournal } from '../journal/journal.ts';
import { JournalFile } from '../journal/journal-file.ts';
import { engineMetrics } from '../metrics.ts';
import { createAnnouncer } from '../record/announcer.ts';
import type { FileInventory } from './file-inventory.ts';
import type { FileStore } from './file-store.ts';
import type { StandaloneOptions } from './options.ts';
import { standaloneEngine } from './standalone-engine.ts';
import type { ApiToken } from './token.ts';

const service = 'topology-engine';
/** How soon a change of the inventory is noticed, milliseconds. */
const inventoryPollMs = 1_000;

export interface StandaloneParts {
  readonly options: StandaloneOptions;
  readonly inventory: FileInventory;
  readonly store: FileStore;
  readonly token: ApiToken;
  readonly logger: Logger;
}

/** In the audit: there is one token, and nobody knows who has it. */
const caller = 'token holder';

/** The engine of Kubernetes over other ports: the inventory is a file, the record a directory, and it owns every cluster. */
export async function runStandalone({ options, inventory, store, token, logger }: StandaloneParts): Promise<void> {
  const clock = systemClock;
  const metrics = new Metrics();
  const health = new Health();
  const ours = engineMetrics(metrics, () => clock.nowMs());
  const eventLoop = new EventLoopWatch({ clock, onStall: (ms) => logger.warn({ ms }, 'this process stood still') });
  const engine = hostname();
  const journalFile = new JournalFile({ path: join(options.state, 'journal.jsonl'), logger });
  const journal = new MemoryJournal([journalFile]);
  const bus = connectBus({
    servers: options.nats.split(',').filter((server) => server !== ''),
    name: `${service}/${engine}`,
    metrics: busMetrics(metrics),
    logger,
  });

  const createLoop = (key: string): ClusterLoop => {
    const [namespace = '', name = ''] = key.split('/');
    const log = logger.child({ cluster: key });
    const announcer = (epoch: () => number) =>
      createAnnouncer({
        bus,
        source: { service, pod: engine },
        cluster: { namespace, name, uid: '' },
        clock,
        logger: log,
        epoch,
        kubernetesEvent: (type, reason, message) =>
          log[type === 'Warning' ? 'warn' : 'info']({ reason, message }, 'told'),
      });
    // The API tells it even when no loop can begin.
    store.read(key).catch(() => undefined);
    return new ClusterLoop({
      ...{ key, engine, inventory, store, announcer, metrics: ours, journal, clock, eventLoop },
      operatorSettings: () => inventory.settings,
      hooks: () => inventory.hooks,
      logger: log,
    });
  };
  const fleet = new Fleet({
    self: engine,
    keys: () => inventory.keys(),
    ownerOf: () => engine,
    createLoop,
    forget: (key) => {
      ours.forget(key);
      journal.forget(key);
    },
    logger,
  });
  const runFleet = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      if (await inventory.refresh()) for (const key of inventory.keys()) fleet.notify(key);
      fleet.reconcile();
      ours.owned(fleet.size);
      await clock.sleep(inventoryPollMs, signal).catch(() => undefined);
    }
    await fleet.stop();
  };

  const api = createApi({
    engine: standaloneEngine({
      name: engine,
      keys: () => inventory.keys(),
      cluster: (key) => inventory.cluster(key),
      recorded: (key) => store.last(key),
      loop: (key) => fleet.loop(key),
    }),
    authenticator: staticToken(token.token, caller),
    clock,
    logger,
    ops: opsHandler({ health, metrics }),
  });
  const onListening = (port: number): void => tellToken(options.http.host, port, token);

  health.addReadiness('inventory', () => inventory.problem);
  await runService({
    name: service,
    logger,
    health,
    components: [
      apiServerComponent({ api, ...options.http, onListening }),
      { name: 'state', start: () => undefined, stop: () => store.close() },
      { name: 'journal', start: () => undefined, stop: () => journalFile.close() },
      { name: 'bus', start: () => bus.ensureStream(), stop: () => bus.close() },
      { ...backgroundTask('fleet', runFleet), stopTimeoutMs: 20_000 },
    ],
  });
}

/** For whoever started it: not into the log, which goes elsewhere. */
function tellToken(host: string, port: number, { token, file }: ApiToken): void {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  process.stderr.write(`API at http://${authority}${basePath}, token ${token} (${file})\n`);
}
