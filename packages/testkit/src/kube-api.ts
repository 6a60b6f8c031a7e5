import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readyOrFailed, StartedProcess } from './child-process.ts';
import { type Etcd, startEtcd } from './etcd.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { type KubeAccess, type KubeAnswer, kubeRequest, readSelfSigned, writeKubeconfig } from './kube-access.ts';
import { type TempFolder, tempFolder } from './temp-folder.ts';
import { toolPath } from './tool-path.ts';

export interface KubeApiOptions {
  /** CustomResourceDefinitions to install; they are served when the start resolves. */
  readonly crds?: readonly object[];
  /** More flags of kube-apiserver. */
  readonly args?: readonly string[];
}

const readyDeadlineMs = 60_000;
/** An apiserver whose etcd is gone never ends by itself, and one with open watches takes its time. */
const stopDeadlineMs = 3_000;

/**
 * A real kube-apiserver over its own etcd, on free ports of 127.0.0.1, with RBAC and the namespace `default`; the token may do everything.
 *
 * Nothing else runs: no controllers (nothing is garbage-collected, a namespace is never done deleting, StatefulSets make no pods) and no kubelet.
 */
export class KubeApi {
  readonly #folder: TempFolder;
  readonly #etcd: Etcd;
  readonly #port: number;
  readonly #args: readonly string[];
  readonly #token: string;
  #access: KubeAccess | undefined;
  #kubeconfig = '';
  #process: StartedProcess | undefined;

  private constructor(folder: TempFolder, etcd: Etcd, port: number, token: string, args: readonly string[]) {
    this.#folder = folder;
    this.#etcd = etcd;
    this.#port = port;
    this.#token = token;
    this.#args = args;
  }

  static async start({ crds = [], args = [] }: KubeApiOptions): Promise<KubeApi> {
    const folder = await tempFolder('kube-api');
    let api: KubeApi | undefined;
    try {
      const etcd = await startEtcd(folder.path);
      api = new KubeApi(folder, etcd, await freePort(), randomUUID(), args);
      await api.#writeCredentials();
      await api.start();
      await api.#install(crds);
      return api;
    } catch (error: unknown) {
      await (api === undefined ? folder.remove() : api.close());
      throw error;
    }
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** Bearer token of the administrator. */
  get token(): string {
    return this.#token;
  }

  /** PEM of the authority that its certificate is checked against. */
  get ca(): string {
    return this.#reach().ca;
  }

  /** Path of a kubeconfig file of the administrator. */
  get kubeconfig(): string {
    return this.#kubeconfig;
  }

  /** For set-up and assertions of a test, without a client of ours. */
  async request(method: string, path: string, body?: unknown): Promise<KubeAnswer> {
    return await kubeRequest(this.#reach(), method, path, body);
  }

  log(): string {
    return this.#process?.output() ?? '';
  }

  /** SIGSTOP is an API server that hangs. */
  kill(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** An outage: the API server ends, its data stays. */
  async stop(): Promise<void> {
    await this.#process?.stop({ deadlineMs: stopDeadlineMs });
  }

  async start(): Promise<void> {
    const started = await StartedProcess.start({
      name: `kube-apiserver on ${this.#port}`,
      command: await toolPath('kubernetes'),
      args: ['kube-apiserver', ...this.#flags(), ...this.#args],
      cwd: this.#folder.path,
      // A third of its start is collecting garbage; below this it needn't.
      env: { GOGC: 'off', GOMEMLIMIT: '400MiB' },
    });
    this.#process = started;
    await readyOrFailed(
      started,
      async (signal) =>
        await eventually(async () => await this.#isReady(), {
          deadlineMs: readyDeadlineMs,
          describe: `kube-apiserver on ${this.#port} to be ready`,
          intervalMs: 50,
          signal,
        }),
    );
  }

  /** Ends both at once, the API server first, and removes their folder. Idempotent. */
  async close(): Promise<void> {
    await this.#process?.stop({ signal: 'SIGKILL' });
    await this.#etcd.process.stop({ signal: 'SIGKILL' });
    await this.#folder.remove();
  }

  async #isReady(): Promise<boolean> {
    // Read each time until it serves: the server may still be writing the file.
    const ca = await readSelfSigned(this.#path('certificates'));
    const access = { url: this.url, token: this.#token, ca };
    if ((await kubeRequest(access, 'GET', '/readyz')).status !== 200) return false;
    // Made by a controller of its own a moment later; most tests begin with an object in it.
    if ((await kubeRequest(access, 'GET', '/api/v1/namespaces/default')).status !== 200) return false;
    this.#access = access;
    if (this.#kubeconfig === '') this.#kubeconfig = await writeKubeconfig(this.#folder.path, access);
    return true;
  }

  async #install(crds: readonly object[]): Promise<void> {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    for (const crd of crds) {
      const { status, body } = await this.request('POST', path, crd);
      if (status !== 201) throw new Error(`the API server refused a CRD (${status}): ${JSON.stringify(body)}`);
    }
    for (const crd of crds) {
      await eventually(async () => await this.#serves(crd), { deadlineMs: 20_000, describe: 'a CRD to be served' });
    }
  }

  async #serves(crd: object): Promise<boolean> {
    const { spec } = crd as {
      spec: { group: string; names: { plural: string }; versions: { name: string; served: boolean }[] };
    };
    for (const { name, served } of spec.versions) {
      if (!served) continue;
      const { status } = await this.request('GET', `/apis/${spec.group}/${name}/${spec.names.plural}?limit=1`);
      if (status !== 200) return false;
    }
    return true;
  }

  async #writeCredentials(): Promise<void> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    await writeFile(this.#path('service-account.key'), privateKey.export({ type: 'sec1', format: 'pem' }));
    await writeFile(this.#path('tokens.csv'), `${this.#token},admin,admin,system:masters\n`, { mode: 0o600 });
  }

  #flags(): string[] {
    const key = this.#path('service-account.key');
    return [
      `--etcd-servers=${this.#etcd.url}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${this.#port}`,
      // It makes a certificate of its own there.
      `--cert-dir=${this.#path('certificates')}`,
      `--token-auth-file=${this.#path('tokens.csv')}`,
      '--authorization-mode=RBAC',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${key}`,
      `--service-account-signing-key-file=${key}`,
      // Needs a controller that makes the account `default`; without it no pod could be created.
      '--disable-admission-plugins=ServiceAccount',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--endpoint-reconciler-type=none',
      '--profiling=false',
    ];
  }

  #reach(): KubeAccess {
    if (this.#access === undefined) throw new Error('the API server has not been ready yet');
    return this.#access;
  }

  #path(name: string): string {
    return join(this.#folder.path, name);
  }
}

export async function startKubeApi(options: KubeApiOptions = {}): Promise<KubeApi> {
  return await KubeApi.start(options);
}
