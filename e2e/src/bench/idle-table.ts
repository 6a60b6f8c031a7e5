import type { IdleReport, IdleRow } from './idle.ts';

/** First targets of the project for one idle three-instance cluster. */
export const idleTargets = { servicesCpuPercent: 10, serviceRssMiB: 130, agentRssMiB: 90 } as const;

const services = ['cluster-controller', 'topology-engine', 'service-syncer'];

/** Lines that show each process and how the whole compares with the targets. */
export function idleTable({ rows, seconds, clusters }: IdleReport): string[] {
  const lines = rows.map(
    ({ kind, pod, cpuPercent, rssMiB }) =>
      `${kind.padEnd(20)} ${pod.padEnd(44)} ${cpuPercent.toFixed(1).padStart(6)} % ${rssMiB.toFixed(0).padStart(6)} MiB`,
  );
  const ofServices = rows.filter(({ kind }) => services.includes(kind));
  const ofAgents = rows.filter(({ kind }) => kind === 'node-agent');
  return [
    `Idle for ${seconds} s, clusters: ${clusters.join(', ')}; CPU in % of one core`,
    '',
    ...lines,
    '',
    verdict('CPU of all services', sumOfCpu(ofServices), idleTargets.servicesCpuPercent, '%'),
    `CPU of all node-agents: ${sumOfCpu(ofAgents).toFixed(1)} %; of everything: ${sumOfCpu(rows).toFixed(1)} %`,
    verdict('memory of the largest service', mostMemory(ofServices), idleTargets.serviceRssMiB, 'MiB'),
    verdict('memory of the largest node-agent', mostMemory(ofAgents), idleTargets.agentRssMiB, 'MiB'),
  ];
}

function verdict(what: string, value: number, target: number, unit: string): string {
  return `${what}: ${value.toFixed(1)} ${unit}, target at most ${target} ${unit}: ${value <= target ? 'met' : 'MISSED'}`;
}

function sumOfCpu(rows: readonly IdleRow[]): number {
  return rows.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0);
}

function mostMemory(rows: readonly IdleRow[]): number {
  return Math.max(0, ...rows.map(({ rssMiB }) => rssMiB));
}
