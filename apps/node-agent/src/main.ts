import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  backgroundTask,
  systemClock as clock,
  createLogger,
  Health,
  loadConfig,
  Metrics,
  runService,
} from '@pilotfish/service';
import { gatherState } from './agent-state.ts';
import { parseCommandLine, usage } from './command-line.ts';
import { initConfigSchema, type ServeConfig, serveConfigSchema } from './config.ts';
import { DataMarkers } from './data-markers.ts';
import { ErrantStore } from './errant-store.ts';
import { beatWhileWritable, Heartbeat } from './heartbeat.ts';
import { httpComponent } from './http-component.ts';
import { IsolationWatch } from './isolation-watch.ts';
import { LastingSession } from './lasting-session.ts';
import { layOut } from './lay-out.ts';
import { LocalMysql } from './local-mysql.ts';
import { createMetrics } from './metrics.ts';
import { MysqldProcess } from './mysqld-process.ts';
import { OutsideContacts } from './outside-contacts.ts';
import { OwnerTerms } from './owner-terms.ts';
import { pathsIn } from './paths.ts';
import { DnsDirectory, Peers } from './peers.ts';
import { podEnd } from './pod-end.ts';
import { waitBeforeStop } from './pre-stop.ts';
import { ProcessTable } from './process-table.ts';
import { provenNoOps } from './proven-no-ops.ts';
import { Provisioner } from './provisioner.ts';
import { Readiness } from './readiness.ts';
import { messageOf } from './refusal.ts';
import { renderMetrics } from './render-metrics.ts';
import { ReportWatch } from './report-watch.ts';
import { agentRoutes } from './routes.ts';
import { StartGate } from './start-gate.ts';
import { UnacknowledgedTail } from './unacknowledged-tail.ts';
import { VolumeProbe } from './volume-probe.ts';

/** Composition root: what the agent is made of, from top to bottom. */
async function main(): Promise<void> {
  const parsed = parseCommandLine(process.argv.slice(2));
  if (parsed === 'help') {
    process.stdout.write(usage);
  } else if (parsed === undefined) {
    process.stderr.write(usage);
    process.exitCode = 2;
  } else if (parsed.command === 'init') {
    await init();
  } else {
    await serve(loadConfig(serveConfigSchema, process.env));
  }
}

async function init(): Promise<void> {
  const config = loadConfig(initConfigSchema, process.env);
  const logger = createLogger({ service: 'node-agent', pod: config.MY_POD_NAME });
  try {
    await layOut(config);
    logger.info({ directory: config.PILOTFISH_CONF_DIR }, 'laid out');
  } catch (error: unknown) {
    logger.fatal({ detail: messageOf(error) }, 'init failed');
    process.exitCode = 1;
  }
}

async function serve(config: ServeConfig): Promise<void> {
  const pod = config.MY_POD_NAME;
  const cluster = config.MY_CLUSTER_NAME;
  const logger = createLogger({ service: 'node-agent', level: config.PILOTFISH_LOG_LEVEL, pod });
  const registry = new Metrics();
  const metrics = createMetrics(registry);

  const paths = pathsIn({
    conf: config.PILOTFISH_CONF_DIR,
    data: config.PILOTFISH_DATA_DIR,
    run: config.PILOTFISH_RUN_DIR,
  });
  const accounts = {
    operator: { user: config.OPERATOR_USER, password: config.OPERATOR_PASSWORD },
    replication: { user: config.REPLICATION_USER, password: config.REPLICATION_PASSWORD },
    exporter: { user: config.METRICS_EXPORTER_USER, password: config.METRICS_EXPORTER_PASSWORD },
  };
  const initialData = {
    rootPassword: config.MYSQL_ROOT_PASSWORD,
    user: config.MYSQL_USER,
    password: config.MYSQL_PASSWORD,
    database: config.MYSQL_DATABASE,
  };

  // mysqld: its process, its data, its SQL
  const mysqld = new MysqldProcess(paths, new ProcessTable(), clock);
  const markers = new DataMarkers(paths);
  const errant = new ErrantStore(paths, clock, logger);
  const endpoint = { host: 'localhost', port: 0, socketPath: paths.socket, ...accounts.operator };
  const local = new LocalMysql(endpoint, clock, () => reports.poke());
  const provisioner = new Provisioner({
    accounts,
    initialData,
    local,
    mysqld,
    markers,
    errant,
    metrics,
    logger,
    clock,
  });
  const readiness = new Readiness(local, provisioner);

  // the world outside the pod
  const directory = new DnsDirectory(config.MY_SERVICE_NAME, config.MY_NAMESPACE);
  const peers = new Peers({ directory, cluster, ownPod: pod, clock });
  const apiServer =
    config.KUBERNETES_SERVICE_HOST === ''
      ? undefined
      : { host: config.KUBERNETES_SERVICE_HOST, port: config.KUBERNETES_SERVICE_PORT };
  const contacts = new OutsideContacts({ cluster, peers, peerPort: config.PILOTFISH_AGENT_PORT, apiServer });
  const isolation = new IsolationWatch({
    contacts,
    mysqld: {
      look: (maxAgeMs) => local.look(maxAgeMs),
      close: (deadlineMs) => local.close(deadlineMs),
      kill: () => mysqld.kill(),
    },
    timeoutMs: config.PILOTFISH_ISOLATION_TIMEOUT_SECONDS * 1000,
    clock,
    logger,
    metrics,
  });
  const tail = new UnacknowledgedTail({ paths, errant, logger });
  const waitMs = config.PILOTFISH_REWIND_WAIT_SECONDS * 1000;
  const startGate = new StartGate({ paths, tail, isolation, contacts, waitMs, clock, logger, metrics });
  const beats = new LastingSession(endpoint);
  const heartbeat = new Heartbeat(beats, (outcome) => metrics.heartbeats.inc({ outcome }));

  const volume = new VolumeProbe(join(paths.own, 'volume-probe'), clock);
  const sources = {
    podUid: config.MY_POD_UID,
    paths,
    mysqld,
    markers,
    errant,
    provisioner,
    isolation,
    local,
    volume,
    startGate,
  };
  const reports: ReportWatch = new ReportWatch({ gather: () => gatherState(sources), clock, life: randomUUID() });
  const routes = agentRoutes({
    cluster,
    pod,
    sources,
    provisioner,
    readiness,
    startGate,
    noOps: (wanted) => provenNoOps(paths, wanted),
    reports,
    owners: new OwnerTerms(),
    preStop: (signal) => waitBeforeStop({ local, clock, logger }, signal),
    renderMetrics: () => renderMetrics({ registry, metrics, sources, readiness, local }),
    metrics,
    logger,
  });

  await runService({
    name: 'node-agent',
    logger,
    // Readiness of this pod is mysqld's: see routes.
    health: new Health(),
    components: [
      {
        name: 'connections',
        start: () => undefined,
        stop: () => {
          local.destroy();
          beats.destroy();
          contacts.close();
        },
      },
      backgroundTask('peers', (signal) => peers.run(signal)),
      backgroundTask('provisioner', (signal) => provisioner.run(signal)),
      backgroundTask('start-gate', (signal) => startGate.run(signal)),
      backgroundTask('volume-probe', (signal) => volume.run(signal)),
      backgroundTask('isolation-watch', (signal) => isolation.run(signal)),
      backgroundTask('heartbeat', (signal) =>
        beatWhileWritable({ heartbeat, local, isolation, contacts, clock }, signal),
      ),
      httpComponent({ port: config.PILOTFISH_AGENT_PORT, token: config.AGENT_TOKEN, routes, metrics, logger }),
      podEnd(mysqld, clock),
    ],
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`node-agent: ${messageOf(error)}\n`);
  process.exitCode = 1;
});
