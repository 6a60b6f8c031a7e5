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
  readonly agentPidFile: string;
  /** Made by run-mysqld.sh before it starts mysqld; renamed to `startClaimed` by the agent, and removed when it may. */
  readonly startWanted: string;
  readonly startClaimed: string;
  /** Ours on the volume: mysqld ignores names with a dot. */
  readonly own: string;
  readonly errant: string;
  /** A cut of the binary log that has begun. */
  readonly cutMarker: string;
  readonly binlogIndex: string;
  /** Where mysqld keeps its server_uuid; it makes a new one when there is none. */
  readonly serverUuid: string;
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
    agentPidFile: join(run, 'agent.pid'),
    startWanted: join(run, 'start.wanted'),
    startClaimed: join(run, 'start.claimed'),
    own,
    errant: join(own, 'errant'),
    cutMarker: join(own, 'cutting'),
    binlogIndex: join(data, 'mysql-bin.index'),
    serverUuid: join(data, 'auto.cnf'),
  };
}
