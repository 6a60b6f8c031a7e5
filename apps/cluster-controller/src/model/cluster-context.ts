import type { ResolvedCluster } from '@pilotfish/api';
import { formatMysqlVersion } from '../my-cnf/mysql-version.ts';
import type { MysqlImage } from './mysql-image.ts';

/** What the operator's installation decides, the same for all clusters. */
export interface BuildSettings {
  readonly agentImage: string;
  readonly exporterImage: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
}

/** All that the builders of a cluster's objects look at. */
export interface ClusterContext {
  readonly cluster: ResolvedCluster;
  readonly settings: BuildSettings;
  /** Undefined while no image can be told: then there is no StatefulSet to build, but everything else. */
  readonly mysql: MysqlImage | undefined;
}

/** As in labels and environment variables; undefined when it is not known. */
export function versionText(mysql: MysqlImage | undefined): string | undefined {
  return mysql?.version === undefined ? undefined : formatMysqlVersion(mysql.version);
}
