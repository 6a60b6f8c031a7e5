import { KubeConfig } from '@kubernetes/client-node';

/** Where the API server is and how to prove who we are, as of now. */
export interface Credentials {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path before `/api`, for servers behind a proxy; usually empty. */
  readonly basePath: string;
  /** Authorization and impersonation. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
}

export interface TlsOptions {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Reads what is current: rotated tokens and certificates show in the next answer. */
export type CredentialSource = () => Promise<Credentials>;

export interface KubeconfigOptions {
  /** Path of a kubeconfig; otherwise $KUBECONFIG, ~/.kube/config, or the pod's service account, in this order. */
  readonly kubeconfig?: string;
  /** Name of a context other than the current one. */
  readonly context?: string;
}

/** Throws when the kubeconfig names no cluster or needs a proxy. */
export function credentialSource({ kubeconfig, context }: KubeconfigOptions): CredentialSource {
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
