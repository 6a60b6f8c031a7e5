import { join } from 'node:path';
import { sidPackages } from './debian-packages.ts';
import { helmBinary } from './helm-binary.ts';
import { kubernetesBinary } from './kubernetes-binary.ts';
import { mysqlProgram } from './mysql-programs.ts';

/**
 * The programs that the local Kubernetes and the tests run on the host, and how each is made ready.
 * Every function returns the absolute path of an executable; it installs on first use, into the cache.
 */
const tools = {
  /** kube-apiserver, kubelet, kubectl … in one: the first argument, or the name of a link to it, chooses. */
  kubernetes: kubernetesBinary,
  etcd: sidProgram('etcd-server', 'usr/bin/etcd'),
  containerd: sidProgram('containerd', 'usr/bin/containerd'),
  ctr: sidProgram('containerd', 'usr/bin/ctr'),
  natsServer: sidProgram('nats-server', 'usr/sbin/nats-server'),
  mysqldExporter: sidProgram('prometheus-mysqld-exporter', 'usr/bin/prometheus-mysqld-exporter'),
  /** A library for `--preload`: a program's wall clock as FAKETIME says. */
  libfaketime: sidProgram('libfaketime', 'usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'),
  rclone: sidProgram('rclone', 'usr/bin/rclone'),
  helm: helmBinary,
  mysqld: mysqlProgram('mysqld'),
  mysql: mysqlProgram('mysql'),
  mysqladmin: mysqlProgram('mysqladmin'),
  mysqlbinlog: mysqlProgram('mysqlbinlog'),
  mysqldump: mysqlProgram('mysqldump'),
} as const satisfies Record<string, () => Promise<string>>;

export type ToolName = keyof typeof tools;

export const toolNames = Object.keys(tools).filter(isToolName);

export function isToolName(name: string): name is ToolName {
  return Object.hasOwn(tools, name);
}

export async function toolPath(name: ToolName): Promise<string> {
  return await tools[name]();
}

/** The paths of several tools, made ready one after the other. */
export async function toolPaths<Name extends ToolName>(names: readonly Name[]): Promise<Record<Name, string>> {
  const paths: Partial<Record<Name, string>> = {};
  for (const name of names) paths[name] = await toolPath(name);
  return paths as Record<Name, string>;
}

function sidProgram(packageName: string, path: string): () => Promise<string> {
  return async () => join(await sidPackages([packageName], { dependencies: false }), path);
}
