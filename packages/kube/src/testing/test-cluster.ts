import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KubeApi, startKubeApi, tempFolder } from '@pilotfish/testkit';
import { namespaces } from '../builtin-resources.ts';
import { connectKube } from '../connect.ts';
import { type CredentialSource, credentialSource } from '../credentials.ts';
import type { KubeClient } from '../kube-client.ts';
import type { KubeMetrics } from '../kube-metrics.ts';
import { TcpRelay } from './tcp-relay.ts';
import { widgetDefinition } from './widgets.ts';

/** A real kube-apiserver, clients of it, and wires to it that can be cut. Close it when done. */
export class TestCluster {
  readonly api: KubeApi;
  readonly client: KubeClient;
  readonly #closers: (() => unknown)[];

  private constructor(api: KubeApi) {
    this.api = api;
    this.#closers = [() => api.close()];
    this.client = this.connect();
  }

  static async start(): Promise<TestCluster> {
    return new TestCluster(await startKubeApi({ crds: [widgetDefinition] }));
  }

  connect(options: { readonly metrics?: KubeMetrics; readonly kubeconfig?: string } = {}): KubeClient {
    const client = connectKube({ userAgent: 'kube-test', kubeconfig: this.api.kubeconfig, ...options });
    this.#closers.push(() => client.close());
    return client;
  }

  credentials(): CredentialSource {
    return credentialSource({ kubeconfig: this.api.kubeconfig });
  }

  /** A client whose connections all go through a wire of its own. */
  async connectThroughRelay(): Promise<{ readonly client: KubeClient; readonly relay: TcpRelay }> {
    const text = readFileSync(this.api.kubeconfig, 'utf8');
    const server = new URL(this.api.url);
    const relay = await TcpRelay.to(server.hostname, Number(server.port));
    const folder = await tempFolder('kubeconfig');
    const kubeconfig = join(folder.path, 'kubeconfig');
    writeFileSync(kubeconfig, text.replaceAll(this.api.url, `${server.protocol}//127.0.0.1:${relay.port}`));
    const client = this.connect({ kubeconfig });
    this.#closers.push(
      () => relay.close(),
      () => folder.remove(),
    );
    return { client, relay };
  }

  /** A namespace for one test. */
  async namespace(): Promise<string> {
    const name = `test-${Math.random().toString(36).slice(2, 10)}`;
    await this.client.create(namespaces, { metadata: { name } });
    return name;
  }

  async close(): Promise<void> {
    for (const close of this.#closers.toReversed()) await close();
  }
}
