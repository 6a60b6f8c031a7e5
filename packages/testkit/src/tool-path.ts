import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Programs of the local Kubernetes that tests run; infra/local installs each on first use. */
export type Tool =
  | 'mysqld'
  | 'mysql'
  | 'mysqlbinlog'
  | 'libfaketime'
  | 'natsServer'
  | 'etcd'
  | 'kubernetes'
  | 'mysqldExporter'
  | 'helm';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const known = new Map<Tool, Promise<string>>();

/** The first use of a tool on a machine may download it, and builds Kubernetes from source. */
const installDeadlineMs = 15 * 60_000;

/** The path of a program; asked for once a process. */
export async function toolPath(tool: Tool): Promise<string> {
  let path = known.get(tool);
  if (path === undefined) {
    path = askForPath(tool);
    known.set(tool, path);
  }
  return await path;
}

async function askForPath(tool: Tool): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['infra/local/run.mjs', 'tools', tool], {
    cwd: repository,
    timeout: installDeadlineMs,
  });
  const paths: unknown = JSON.parse(stdout);
  const path = typeof paths === 'object' && paths !== null ? (paths as Record<string, unknown>)[tool] : undefined;
  if (typeof path !== 'string') throw new Error(`infra/local knows no tool ${tool}: ${stdout}`);
  return path;
}
