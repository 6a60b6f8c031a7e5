import { integer, port, secret, serviceVariables } from '@pilotfish/service';
import * as z from 'zod';

const directories = {
  PILOTFISH_CONF_DIR: z.string().default('/etc/mysql').describe('configuration of mysqld, made by init'),
  PILOTFISH_DATA_DIR: z.string().default('/var/lib/mysql').describe('the data volume'),
  PILOTFISH_RUN_DIR: z.string().default('/var/run/mysqld').describe('socket, pid file and control files'),
};

const identity = {
  MY_NAMESPACE: z.string().describe('namespace of the pod'),
  MY_POD_NAME: z.string().describe('name of the pod'),
  MY_CLUSTER_NAME: z.string().describe('name of the MysqlCluster'),
  MY_SERVICE_NAME: z.string().default('mysql').describe('headless Service of the namespace'),
};

const operator = {
  OPERATOR_USER: z.string().describe('account of the operator and of this agent'),
  OPERATOR_PASSWORD: secret().describe('its password'),
};

const exporter = {
  METRICS_EXPORTER_USER: z.string().describe('account of the metrics exporter'),
  METRICS_EXPORTER_PASSWORD: secret().describe('its password'),
};

export const initConfigSchema = z.object({
  ...directories,
  ...identity,
  ...operator,
  ...exporter,
  PILOTFISH_MOUNTED_CONF_DIR: z.string().default('/mnt/conf').describe('the ConfigMap with my.cnf'),
  PILOTFISH_APP_DIR: z.string().default('/app').describe('where run-mysqld.sh is'),
  MY_FQDN: z.string().describe('name under which the other instances reach this one'),
  MY_SERVER_ID_OFFSET: integer({ min: 1, max: 4_294_900_000 })
    .default(100)
    .describe('server_id of the instance with ordinal 0'),
});
export type InitConfig = z.output<typeof initConfigSchema>;

export const serveConfigSchema = z.object({
  ...directories,
  ...identity,
  ...operator,
  ...exporter,
  MY_POD_UID: z.string().default('').describe('uid of the pod'),
  REPLICATION_USER: z.string().describe('account of replicas and of CLONE'),
  REPLICATION_PASSWORD: secret().describe('its password'),
  AGENT_TOKEN: secret().describe('bearer token that callers of /v1 show'),
  MYSQL_ROOT_PASSWORD: secret().default('').describe('for root, set when the cluster begins'),
  MYSQL_USER: z.string().default('').describe("the application's account, made when the cluster begins"),
  MYSQL_PASSWORD: secret().default('').describe('its password'),
  MYSQL_DATABASE: z.string().default('').describe('its database'),
  PILOTFISH_AGENT_PORT: port().default(8080).describe('where this agent and its peers listen'),
  PILOTFISH_ISOLATION_TIMEOUT_SECONDS: integer({ min: 3, max: 300 })
    .default(10)
    .describe('without any contact for this long, a writable instance closes itself'),
  PILOTFISH_REWIND_WAIT_SECONDS: integer({ min: 0, max: 60 })
    .default(5)
    .describe('how long a crashed former primary waits to hear which of its transactions others have'),
  KUBERNETES_SERVICE_HOST: z.string().default('').describe('address of the API server; set by Kubernetes'),
  KUBERNETES_SERVICE_PORT: port().default(443).describe('its port; set by Kubernetes'),
  PILOTFISH_LOG_LEVEL: serviceVariables.PILOTFISH_LOG_LEVEL,
});
export type ServeConfig = z.output<typeof serveConfigSchema>;
