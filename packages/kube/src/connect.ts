import { type Clock, systemClock } from './clock.ts';
import { credentialSource, type KubeconfigOptions } from './credentials.ts';
import { KubeClient } from './kube-client.ts';
import { type KubeMetrics, noKubeMetrics } from './kube-metrics.ts';
import { Transport } from './transport.ts';

export interface ConnectOptions extends KubeconfigOptions {
  /** Shown in the API server's logs; name the service. */
  readonly userAgent: string;
  readonly metrics?: KubeMetrics;
  readonly clock?: Clock;
}

/**
 * A client for the cluster of the kubeconfig, or of the pod it runs in. Opens no connection yet; without usable
 * credentials every request rejects with the reason.
 */
export function connectKube({
  userAgent,
  metrics = noKubeMetrics,
  clock = systemClock,
  ...from
}: ConnectOptions): KubeClient {
  return new KubeClient(new Transport({ source: credentialSource(from), userAgent, clock, metrics }));
}

export interface ConnectHost {
  readonly printError?: (text: string) => void;
  readonly exit?: (code: number) => never;
}

/** `connectKube` for a process: without usable credentials it says why on standard error and ends with exit code 2. */
export async function connectKubeOrExit(options: ConnectOptions, host: ConnectHost = {}): Promise<KubeClient> {
  const { printError = (text: string) => process.stderr.write(text), exit = (code: number) => process.exit(code) } =
    host;
  try {
    await credentialSource(options)();
  } catch (error) {
    printError(`${error instanceof Error ? error.message : String(error)}\n`);
    return exit(2);
  }
  return connectKube(options);
}
