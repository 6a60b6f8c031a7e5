import { join } from 'node:path';

/** Where things are in the pod; tests put them elsewhere. run-mysqld.sh knows the same three directories. */
export interface Directories {
  /** /etc/mysql: written by `init`, read by the other containers. */
  readonly conf: string;
  /** /var/lib/mysql: the volume. */
  readonly data: string;
  /** /var/run/mysqld: in memory, shared by the containers of the pod. */
  readonly run: string;
}

export interface Paths extends Directories {
  readonly socket: string;
  readonly defaultsFile: string;
  readonly pidFiles: readonly string[];
  readonly supervisorPidFile: string;
  readonly holdFile: string;
  readonly exitFile: string;
  readonly failureFile: string;
  /** Ours on the volume: mysqld ignores names with a dot. */
  readonly own: string;
  readonly errant: string;
}

export function pathsIn(directories: Directories): Paths {
  const { conf, data, run } = directories;
  const own = join(data, '.pilotfish');
  return {
    ...directories,
    socket: join(run, 'mysqld.sock'),
    defaultsFile: join(conf, 'my.cnf'),
    pidFiles: [join(run, 'child.pid'), join(run, 'mysqld.pid')],
    supervisorPidFile: join(run, 'supervisor.pid'),
    holdFile: join(run, 'hold'),
    exitFile: join(run, 'exit'),
    failureFile: join(run, 'failure'),
    own,
    errant: join(own, 'errant'),
  };
}
