import { type Quantity, quantityValue } from '@pilotfish/api';
import type { ConfOption } from './base-options.ts';
import { formatBytes } from './byte-size.ts';
import { isAtLeast, type MysqlVersion } from './mysql-version.ts';

/** What the sizes of an instance follow from. */
export interface InstanceSize {
  readonly memoryRequest: Quantity | undefined;
  readonly cpuLimit: Quantity | undefined;
  /** Of the volume; undefined when the data is not in a claim. */
  readonly storage: Quantity | undefined;
  /** Percona Server alone can bound the space of its binary logs. */
  readonly percona: boolean;
  readonly version: MysqlVersion | undefined;
}

const Mi = 2 ** 20;
const Gi = 2 ** 30;

/** Options that follow from memory, processors and volume. Users' own values win. */
export function computedOptions(size: InstanceSize): ConfOption[] {
  const memory = positive(size.memoryRequest);
  const cpu = positive(size.cpuLimit);
  const storage = positive(size.storage);
  const pool = memory === undefined ? undefined : bufferPoolBytes(memory);
  return [
    ...(pool === undefined ? [] : [{ name: 'innodb-buffer-pool-size', value: formatBytes(pool) }]),
    ...(cpu === undefined ? [] : [{ name: 'innodb-buffer-pool-instances', value: String(poolInstances(cpu, pool)) }]),
    redoLog(memory, storage, size.version),
    ...(storage === undefined ? [] : binlogOptions(storage, size.percona)),
  ];
}

function positive(quantity: Quantity | undefined): number | undefined {
  const value = quantity === undefined ? undefined : quantityValue(quantity);
  return value !== undefined && value > 0 ? value : undefined;
}

/** Leaves 256 MiB (512 MiB of a large instance) and a share of the rest to connections and temporary tables. */
function bufferPoolBytes(memory: number): number | undefined {
  if (memory <= 512 * Mi) return undefined;
  if (memory <= Gi) return (memory - 256 * Mi) * 0.5;
  if (memory <= 4 * Gi) return (memory - 256 * Mi) * 0.75;
  return (memory - 512 * Mi) * 0.8;
}

function poolInstances(cpu: number, pool: number | undefined): number {
  return Math.max(1, Math.min(Math.ceil(cpu), Math.floor((pool ?? 0) / Gi)));
}

/** Size of each of the two redo log files of old. */
function logFileBytes(memory: number | undefined): number {
  if (memory === undefined || memory < Gi) return 48 * Mi;
  if (memory <= 4 * Gi) return 128 * Mi;
  if (memory <= 8 * Gi) return 512 * Mi;
  return memory <= 16 * Gi ? Gi : 2 * Gi;
}

/** As much as the two files held, but no more than an eighth of a small volume. */
function redoLog(
  memory: number | undefined,
  storage: number | undefined,
  version: MysqlVersion | undefined,
): ConfOption {
  const largest = storage === undefined ? Number.POSITIVE_INFINITY : Math.max(storage / 8, 32 * Mi);
  const total = Math.min(2 * logFileBytes(memory), largest);
  return isAtLeast(version, [8, 0, 30])
    ? { name: 'innodb-redo-log-capacity', value: formatBytes(total) }
    : { name: 'innodb-log-file-size', value: formatBytes(total / 2) };
}

function binlogOptions(storage: number, percona: boolean): ConfOption[] {
  const share = storage < 2 * Gi ? 3 : 2;
  const limit = storage / share;
  const file = Math.min(limit / (share === 3 ? 3 : 4), Gi);
  return [
    ...(percona ? [{ name: 'binlog-space-limit', value: formatBytes(limit) }] : []),
    { name: 'max-binlog-size', value: formatBytes(file) },
  ];
}
