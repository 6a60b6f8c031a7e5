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
  // `npm test` has asked for all of them once, and tells each package's tests.
  const { PILOTFISH_TOOLS: told } = process.env;
  return (told ? pathIn(told, tool) : undefined) ?? (await install(tool));
}

async function install(tool: Tool): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['infra/local/run.mjs', 'tools', tool], {
    cwd: repository,
    timeout: installDeadlineMs,
  });
  const path = pathIn(stdout, tool);
  if (path === undefined) throw new Error(`infra/local knows no tool ${tool}: ${stdout}`);
  return path;
}

/** @param json an object of paths by name */
function pathIn(json: string, tool: Tool): string | undefined {
  const paths: unknown = JSON.parse(json);
  const path = typeof paths === 'object' && paths !== null ? (paths as Record<string, unknown>)[tool] : undefined;
  return typeof path === 'string' ? path : undefined;
}
