import type { DataMarkers } from './data-markers.ts';
import { type DiskUse, diskUse } from './disk.ts';
import type { ErrantSave, ErrantStore } from './errant-store.ts';
import type { LastExit, MysqldProcess } from './mysqld-process.ts';
import type { Paths } from './paths.ts';
import type { ProvisioningState } from './provisioning.ts';
import type { AwaitedBoundary } from './start-gate.ts';

/** Body of GET /v1/state: what the topology engine cannot see over SQL. */
export interface AgentState {
  readonly podUid?: string;
  readonly mysqld: {
    readonly running: boolean;
    readonly pid?: number;
    /** For how long it has not answered over its socket, milliseconds; 0 when it does, or does not run. */
    readonly hungMs: number;
    /** By SIGSTOP. */
    readonly stopped: boolean;
    readonly lastExit?: LastExit;
    /** No complete data of anybody: fresh, or left behind by a clone that failed. */
    readonly blank: boolean;
    /** Kept from starting. */
    readonly held: boolean;
    /** It crashed as a primary, and does not start before it is known which of its transactions others have. */
    readonly awaitingBoundary?: AwaitedBoundary;
  };
  readonly provisioning: ProvisioningState;
  readonly isolation: { readonly isolated: boolean; readonly lastContactMsAgo: number };
  /** `stalledMs`: for how long a write to the volume has not come back; 0 when they do. */
  readonly disk: DiskUse & { readonly stalledMs: number };
  readonly errantSaved: readonly ErrantSave[];
}

export interface StateSources {
  readonly podUid: string;
  readonly paths: Paths;
  readonly mysqld: MysqldProcess;
  readonly markers: DataMarkers;
  readonly errant: ErrantStore;
  readonly provisioner: { readonly state: ProvisioningState };
  readonly isolation: { readonly isolated: boolean; readonly lastContactMsAgo: number };
  readonly startGate: { readonly awaited: AwaitedBoundary | undefined };
  readonly local: { readonly hungMs: number };
  readonly volume: { readonly stalledMs: number };
}

/** Reads files and /proc only, so it answers at once whatever mysqld does. */
export async function gatherState(sources: StateSources): Promise<AgentState> {
  const { podUid, paths, mysqld, markers, errant, provisioner, isolation, local, volume, startGate } = sources;
  // Before the markers: a job that ends meanwhile then shows as still running, not as ended with its marker.
  const provisioning = provisioner.state;
  const [entry, lastExit, facts, held, disk, errantSaved] = await Promise.all([
    mysqld.find(),
    mysqld.lastExit(),
    markers.read(),
    mysqld.isHeld(),
    diskUse(paths.data),
    errant.list(),
  ]);
  return {
    ...(podUid !== '' && { podUid }),
    mysqld: {
      running: entry !== undefined,
      ...(entry !== undefined && { pid: entry.pid }),
      hungMs: entry === undefined ? 0 : local.hungMs,
      stopped: entry?.state === 'T',
      ...(lastExit !== undefined && { lastExit }),
      blank: facts.blank || facts.cloning !== undefined,
      held,
      ...(startGate.awaited !== undefined && { awaitingBoundary: startGate.awaited }),
    },
    provisioning,
    isolation: { isolated: isolation.isolated, lastContactMsAgo: isolation.lastContactMsAgo },
    disk: { ...disk, stalledMs: volume.stalledMs },
    errantSaved,
  };
}
