import {
  type OrchestratorSettings,
  type Problem,
  parseCluster,
  parseOrchestratorConfig,
  type ResolvedCluster,
  withDefaults,
} from '@pilotfish/api';
import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import type { Hook } from '../hooks/hook.ts';
import { type InventoryCluster, inventorySchema } from './inventory-schema.ts';

export interface ReadInventory {
  /** By key, `namespace/name`. */
  readonly clusters: ReadonlyMap<string, ListedCluster>;
  readonly settings: OrchestratorSettings;
  /** Settings of Orchestrator that were given and change nothing. */
  readonly meaningless: readonly string[];
  readonly hooks: readonly Hook[];
}

export interface ListedCluster {
  readonly listed: InventoryCluster;
  readonly resolved: ResolvedCluster;
}

/** Everything that is wrong with an inventory, one line a problem, each with the line and the path of what it is about. */
export class InventoryError extends Error {
  override readonly name = 'InventoryError';
  readonly problems: readonly string[];

  constructor(file: string, problems: readonly string[]) {
    super(`bad inventory ${file}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

type Path = readonly PropertyKey[];

/** @throws InventoryError */
export function readInventory(text: string, file: string): ReadInventory {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => `line ${String(lines.linePos(offset).line)}`;
  if (document.errors.length > 0) {
    throw new InventoryError(
      file,
      document.errors.map(({ pos, message }) => `${at(pos[0])}: ${message}`),
    );
  }
  const problem = (path: Path, message: string): string => {
    const place = path.length > 0 ? pathText(path) : 'the file';
    return `${at(offsetOf(document, path))}: ${place}: ${message}`;
  };
  const parsed = inventorySchema.safeParse(document.toJS());
  if (!parsed.success) {
    throw new InventoryError(
      file,
      parsed.error.issues.map(({ path, message }) => problem(path, message)),
    );
  }
  const problems: string[] = [];
  const clusters = new Map<string, ListedCluster>();
  const addresses = new Map<string, string>();
  parsed.data.clusters.forEach((listed, index) => {
    const path = ['clusters', index];
    const key = `${listed.namespace}/${listed.name}`;
    if (clusters.has(key)) problems.push(problem([...path, 'name'], `${key} is listed twice`));
    for (const { path: rest, message } of duplicates(listed, key, addresses)) {
      problems.push(problem([...path, ...rest], message));
    }
    const resolved = resolve(listed);
    if (resolved.ok) {
      clusters.set(key, { listed, resolved: withDefaults(resolved.cluster) });
      const unknown = unknownFields(listed.replication, resolved.cluster.spec.replication);
      problems.push(...unknown.map((field) => problem([...path, 'replication', ...field], 'there is no such field')));
    } else problems.push(...resolved.problems.map((one) => problem([...path, ...ownPath(one)], one.message)));
  });
  const settings = parseOrchestratorConfig(parsed.data.orchestrator);
  if (!settings.ok) {
    problems.push(...settings.problems.map(({ setting, message }) => problem(['orchestrator', setting], message)));
  }
  if (problems.length > 0 || !settings.ok) throw new InventoryError(file, problems);
  return { clusters, settings: settings.settings, meaningless: settings.meaningless, hooks: parsed.data.hooks };
}

/** An address is one server of one cluster. Notes those of this cluster in `addresses`. */
function duplicates({ instances }: InventoryCluster, key: string, addresses: Map<string, string>) {
  const names = new Set<string>();
  const found: { path: Path; message: string }[] = [];
  instances.forEach(({ name, host, port }, index) => {
    if (names.has(name)) found.push({ path: ['instances', index, 'name'], message: `${name} is listed twice` });
    names.add(name);
    const address = `${host}:${String(port)}`;
    const taken = addresses.get(address);
    if (taken !== undefined) {
      found.push({ path: ['instances', index, 'host'], message: `${address} is ${taken} already` });
    }
    addresses.set(address, `${name} of ${key}`);
  });
  return found;
}

/** The cluster as the engine knows one: a MysqlCluster whose pods are the listed servers. */
function resolve({ name, namespace, readOnly, maxReplicaLagSeconds, replication, instances }: InventoryCluster) {
  return parseCluster({
    metadata: { name, namespace },
    spec: {
      secretName: name,
      replicas: instances.length,
      ...(readOnly !== undefined && { readOnly }),
      ...(maxReplicaLagSeconds !== undefined && { maxSlaveLatency: maxReplicaLagSeconds }),
      ...(replication !== undefined && { replication }),
    },
  });
}

/** Paths of what was given and not taken: a MysqlCluster's schema leaves out what it does not know. */
function unknownFields(given: unknown, taken: unknown): Path[] {
  if (!isObject(given)) return [];
  return Object.entries(given).flatMap(([name, value]) => {
    const known = isObject(taken) && name in taken ? taken[name] : undefined;
    if (known === undefined) return value === undefined ? [] : [[name]];
    return unknownFields(value, known).map((rest) => [Array.isArray(given) ? Number(name) : name, ...rest]);
  });
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function ownPath({ path }: Problem): Path {
  return path.replace(/^spec\./, '').split('.');
}

function pathText(path: Path): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${String(part)}]` : `${text && '.'}${String(part)}`;
  return text;
}

/** Where that path begins, or the innermost part of it that is there. */
function offsetOf(document: Document.Parsed, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    const key = isMap(parent) ? parent.items.find((item) => String(item.key) === String(last))?.key : undefined;
    const node = isNode(key) ? key : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
