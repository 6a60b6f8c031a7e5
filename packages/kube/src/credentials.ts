import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { podCredentials } from './pod-credentials.ts';

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

/**
 * The kubeconfig that is named, else $KUBECONFIG, else ~/.kube/config, else the service account of the pod. The library that
 * reads kubeconfigs is loaded when one is read: it takes 20 MiB, which a service in its pod has no use for.
 * The first answer rejects when there is none of these, or the kubeconfig can not be read, names no cluster or needs a proxy.
 */
export function credentialSource(options: KubeconfigOptions): CredentialSource {
  const inPod = podCredentials();
  if (!hasKubeconfig(options)) return inPod ?? nowhere;
  let source: Promise<CredentialSource> | undefined;
  return async () => {
    source ??= import('./kubeconfig-credentials.ts').then(({ kubeconfigCredentials }) =>
      kubeconfigCredentials(options),
    );
    return await (await source)();
  };
}

const nowhere: CredentialSource = () =>
  Promise.reject(
    new Error('Kubernetes: this is no pod, and there is no kubeconfig. Set KUBECONFIG to the path of one.'),
  );

function hasKubeconfig({ kubeconfig }: KubeconfigOptions): boolean {
  const named = kubeconfig ?? process.env.KUBECONFIG ?? '';
  return named !== '' || existsSync(join(homedir(), '.kube', 'config'));
}
