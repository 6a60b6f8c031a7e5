import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { bundledProgram } from '@pilotfish/testkit';
import { KubeApi } from './kube-api.ts';
import { OperatorServices } from './services.ts';

export const repositoryRoot = resolve(import.meta.dirname, '../../..');

const run = promisify(execFile);

/** What `npm run up` calls its image of the load client. */
const LOCAL_LOAD_CLIENT_IMAGE = 'docker.io/pilotfish/load-client:dev';

/** What every scenario stands on: the API server, and whether the nodes are ours to break. */
export interface Environment {
  readonly kube: KubeApi;
  readonly kubeconfig: string;
  /** True on the cluster of `npm run up`, whose nodes are network namespaces of this machine. */
  readonly local: boolean;
  /** Image of the load client. */
  readonly loadClientImage: string;
  /** The prober in one file, so that its many starts cost little of the machine that is measured. */
  readonly proberProgram: string;
}

/** Uses KUBECONFIG when it is set, else the local cluster. Throws when there is no cluster to reach. */
export async function connectEnvironment(): Promise<Environment> {
  const given = process.env.KUBECONFIG ?? '';
  const kubeconfig = given === '' ? await localKubeconfig() : given;
  if (!existsSync(kubeconfig)) throw new Error('There is no cluster: run "npm run up" first, or set KUBECONFIG.');
  const kube = KubeApi.fromKubeconfig(kubeconfig);
  const local = given === '' || given === (await localKubeconfig());
  const defaultImage = local ? LOCAL_LOAD_CLIENT_IMAGE : await imageBesideTheServices(kube);
  const loadClientImage = process.env.PILOTFISH_LOAD_CLIENT_IMAGE ?? defaultImage;
  const folder = join(repositoryRoot, 'e2e');
  const proberProgram = await bundledProgram(join(folder, 'src/prober/main.ts'), join(folder, 'dist/prober.mjs'));
  return { kube, kubeconfig, local, loadClientImage, proberProgram };
}

/** Elsewhere the load client's image is in the same registry, under the same tag, as those of the installed services. */
async function imageBesideTheServices(kube: KubeApi): Promise<string> {
  const services = await OperatorServices.find(kube);
  const image = await services.image('topology-engine');
  return image.replace(/topology-engine(?=[:@]|$)/, 'load-client');
}

/** Runs a command of infra/local, as `npm run up` and its kin do. */
export async function infraLocal(...args: string[]): Promise<string> {
  const program = join(repositoryRoot, 'infra/local/run.mjs');
  const { stdout } = await run(process.execPath, [program, ...args], { cwd: repositoryRoot, timeout: 120_000 });
  return stdout.trim();
}

async function localKubeconfig(): Promise<string> {
  return await infraLocal('kubeconfig');
}
