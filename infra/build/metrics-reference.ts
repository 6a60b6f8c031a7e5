import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMetrics as clusterController } from '../../apps/cluster-controller/src/metrics.ts';
import { describeMetrics as nodeAgent } from '../../apps/node-agent/src/metrics.ts';
import { describeMetrics as serviceSyncer } from '../../apps/service-syncer/src/metrics.ts';
import { describeMetrics as topologyEngine } from '../../apps/topology-engine/src/metrics.ts';

/** Writes docs/reference/metrics.md from the tables that the services make their metrics of. */
const services = [
  { name: 'topology-engine', where: 'port 8081', rows: topologyEngine() },
  { name: 'cluster-controller', where: 'port 8081', rows: clusterController() },
  { name: 'service-syncer', where: 'port 8081', rows: serviceSyncer() },
  { name: 'node-agent', where: 'port 8080 of each MySQL pod', rows: nodeAgent() },
];

const head = `# Metrics

Generated from the code by \`npm run generate\`; do not edit.

Every service has \`/metrics\` in the Prometheus format, as has each MySQL pod: the agent on port 8080, and
[mysqld_exporter](https://github.com/prometheus/mysqld_exporter) on port 9125 with the server's own counters. Pods carry the
usual scrape annotations; the chart can make ServiceMonitors and a PodMonitor. Beside these, each service reports its process
(\`process_*\`, \`nodejs_*\`) and its use of the Kubernetes API (\`pilotfish_kube_*\`).
`;

function table({ name, where, rows }: (typeof services)[number]): string {
  const lines = rows.map((row) => {
    const labels = row.labels.map((label: string) => `\`${label}\``).join(', ');
    return `| \`${row.name}\` | ${row.type} | ${labels} | ${row.help} |`;
  });
  return `\n## ${name}\n\nOn ${where}.\n\n| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`;
}

const path = join(import.meta.dirname, '../../docs/reference/metrics.md');
const text = head + services.map(table).join('');
if (!process.argv.includes('--check')) {
  writeFileSync(path, text);
} else if (readOrNothing(path) !== text) {
  console.error('docs/reference/metrics.md is not up to date: run npm run generate');
  process.exitCode = 1;
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
