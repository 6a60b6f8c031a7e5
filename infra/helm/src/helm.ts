import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from '@pilotfish/testkit';
import { parseAllDocuments } from 'yaml';

export const chartFolder = join(import.meta.dirname, '../pilotfish');

/** A Kubernetes object as a template gives it: looked into by tests only, so its types are wide. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly spec?: Record<string, unknown>;
  readonly data?: Record<string, string>;
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly name: string; readonly namespace: string }[];
}

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Runs helm; rejects with what it said when it fails. */
export async function helm(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return await promisify(execFile)(await toolPath('helm'), args, { maxBuffer: 64 * 1024 * 1024 });
}

export interface TemplateOptions {
  readonly set?: readonly string[];
  readonly release?: string;
  readonly kubeVersion?: string;
}

/** The objects that an installation with these values would make, in namespace pilotfish-system. */
export async function template({
  set = [],
  release = 'pilotfish',
  kubeVersion,
}: TemplateOptions = {}): Promise<Manifest[]> {
  const version = kubeVersion === undefined ? [] : ['--kube-version', kubeVersion];
  const values = set.flatMap((value) => ['--set', value]);
  const { stdout } = await helm('template', release, chartFolder, '-n', 'pilotfish-system', ...version, ...values);
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

export function find(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}
