import { KubeConfig } from '@kubernetes/client-node';
import type { CredentialSource, KubeconfigOptions, TlsOptions } from './credentials.ts';

/** @throws Error when the kubeconfig names no cluster or needs a proxy */
export function kubeconfigCredentials({ kubeconfig, context }: KubeconfigOptions): CredentialSource {
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error('kubeconfig: the current context names no cluster');
  if (cluster.proxyUrl) throw new Error(`kubeconfig: cluster ${cluster.name} wants a proxy, which is not supported`);
  const server = new URL(cluster.server);
  return async () => {
    const options: AppliedOptions = {};
    await config.applyToHTTPSOptions(options as Parameters<KubeConfig['applyToHTTPSOptions']>[0]);
    const headers: Record<string, string> = { ...options.headers };
    if (options.auth) headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    const { ca, cert, key, servername, rejectUnauthorized } = options;
    return {
      origin: server.origin,
      basePath: server.pathname.replace(/\/$/, ''),
      headers,
      tls: {
        ...(ca ? { ca } : {}),
        ...(cert ? { cert } : {}),
        ...(key ? { key } : {}),
        ...(servername ? { servername } : {}),
        ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
      },
    };
  };
}

/** What KubeConfig fills in; its own signature is the whole of node's https options. */
interface AppliedOptions extends TlsOptions {
  headers?: Record<string, string>;
  auth?: string;
}
