import { isDeepStrictEqual } from 'node:util';
import {
  configMapName,
  headlessServiceName,
  operatedSecretName,
  podDisruptionBudgetName,
  statefulSetName,
} from '@pilotfish/api';
import {
  configMaps,
  type KubeClient,
  KubeError,
  type KubeObject,
  podDisruptionBudgets,
  type Resource,
  type Secret,
  type StatefulSet,
  secrets,
  services,
  statefulSets,
} from '@pilotfish/kube';
import type { ClusterContext } from '../model/cluster-context.ts';
import type { Problem } from '../model/problem.ts';
import { clusterConf, configMap, restartHash } from '../objects/config-map.ts';
import type { Manifest, SecretManifest, StatefulSetManifest } from '../objects/manifest.ts';
import { operatedSecret } from '../objects/operated-secret.ts';
import { podDisruptionBudget } from '../objects/pod-disruption-budget.ts';
import { headlessService, healthyService, masterService, replicasService } from '../objects/services.ts';
import { statefulSet } from '../objects/stateful-set.ts';
import type { Caches } from './caches.ts';
import { assertHeadlessIsOurs, ServiceNameTakenError } from './headless-service-owner.ts';
import { immutableFieldsOf } from './immutable-fields-of.ts';
import type { ApplyOutcome, ObjectApplier } from './object-applier.ts';

export interface ApplyInput {
  readonly context: ClusterContext;
  /** Pods the StatefulSet is to have. */
  readonly replicas: number;
  readonly foundStatefulSet: StatefulSet | undefined;
  readonly signal: AbortSignal;
}

/** How one object went. `part` is the name that users' tools know from the events of the operator of old. */
export type PartResult =
  | { readonly part: string; readonly kind: string; readonly name: string; readonly outcome: ApplyOutcome | 'deleted' }
  | { readonly part: string; readonly kind: string; readonly name: string; readonly error: unknown };

export interface ApplyResult {
  readonly parts: readonly PartResult[];
  readonly problems: readonly Problem[];
  /** Things worth knowing about a configuration that is in force. */
  readonly remarks: readonly string[];
}

interface Dependencies {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly applier: ObjectApplier;
}

/**
 * Makes the objects of a cluster so, each for itself: one that fails stops none of the others, save the StatefulSet, whose
 * pods need the ConfigMap and the operated Secret as they are to be.
 */
export async function applyObjects(dependencies: Dependencies, input: ApplyInput): Promise<ApplyResult> {
  const { context } = input;
  const { namespace, name } = context.cluster.metadata;
  const conf = clusterConf(context);
  const apply = applierFor(dependencies, input.signal);
  const { caches } = dependencies;
  const key = (object: string): string => `${namespace}/${object}`;

  const [config, secret, ...rest] = await Promise.all([
    part('ConfigMap', 'ConfigMap', configMapName(name), () =>
      apply(configMaps, configMap(context, conf), caches.configMaps.store.get(key(configMapName(name)))),
    ),
    part('OperatedSecret', 'Secret', operatedSecretName(name), () => applySecret(dependencies, context, input.signal)),
    applyHeadless(dependencies, namespace, input.signal),
    ...[
      { name: 'MasterSVC', service: masterService(context) },
      { name: 'HealthySVC', service: healthyService(context) },
      { name: 'HealthyReplicasSVC', service: replicasService(context) },
    ].map(({ name: syncer, service }) =>
      part(syncer, 'Service', service.metadata.name, () =>
        apply(services, service, caches.services.store.get(key(service.metadata.name))),
      ),
    ),
    applyBudget(dependencies, context, input.signal),
  ]);
  const parts = [config, secret, ...rest];
  const built = buildStatefulSet(input, restartHash(conf));
  if (built?.manifest !== undefined && !isFailed(config) && !isFailed(secret)) {
    const { manifest } = built;
    parts.push(
      await part('StatefulSet', 'StatefulSet', statefulSetName(name), () =>
        apply(statefulSets, manifest, input.foundStatefulSet),
      ),
    );
  }
  const problems = [...(built?.problems ?? []), ...parts.flatMap(refusal)];
  return { parts, problems, remarks: conf.remarks };
}

function buildStatefulSet(
  { context, replicas, foundStatefulSet }: ApplyInput,
  configHash: string,
): { manifest: StatefulSetManifest | undefined; problems: readonly Problem[] } | undefined {
  if (context.mysql === undefined) return undefined;
  const existing = foundStatefulSet === undefined ? undefined : immutableFieldsOf(foundStatefulSet);
  const { manifest, problems } = statefulSet(context, { mysql: context.mysql, configHash, replicas, existing });
  const blocked = problems.some((problem) => problem.blocks !== 'nothing');
  return { manifest: blocked ? undefined : manifest, problems };
}

type Apply = <T extends KubeObject>(
  resource: Resource<T>,
  manifest: Manifest,
  found: T | undefined,
) => Promise<ApplyOutcome>;

function applierFor({ applier }: Dependencies, signal: AbortSignal): Apply {
  return (resource, manifest, found) => applier.apply(resource, manifest, found, signal);
}

/** Made once, by create and not by apply: two controllers must never make two sets of passwords. */
async function applySecret(
  { client, applier }: Dependencies,
  context: ClusterContext,
  signal: AbortSignal,
): Promise<ApplyOutcome> {
  const { namespace, name } = context.cluster.metadata;
  const found = await client.find(secrets, { namespace, name: operatedSecretName(name) }, { signal });
  const manifest = operatedSecret(context, found?.data ?? {});
  if (found !== undefined)
    return isAsMade(found, manifest) ? 'unchanged' : await applier.apply(secrets, manifest, found, signal);
  await client.create(secrets, manifest, { signal });
  return 'created';
}

function isAsMade({ metadata, data }: Secret, made: SecretManifest): boolean {
  const { labels, ownerReferences } = made.metadata;
  return isDeepStrictEqual([metadata.labels, metadata.ownerReferences, data], [labels, ownerReferences, made.data]);
}

async function applyHeadless(
  { client, caches, applier }: Dependencies,
  namespace: string,
  signal: AbortSignal,
): Promise<PartResult> {
  return await part('HeadlessSVC', 'Service', headlessServiceName, async () => {
    const cached = caches.services.store.get(`${namespace}/${headlessServiceName}`);
    const found = cached ?? (await client.find(services, { namespace, name: headlessServiceName }, { signal }));
    if (found !== undefined) assertHeadlessIsOurs(found);
    return await applier.apply(services, headlessService(namespace), found, signal);
  });
}

async function applyBudget(
  { client, caches, applier }: Dependencies,
  context: ClusterContext,
  signal: AbortSignal,
): Promise<PartResult> {
  const { namespace, name, uid } = context.cluster.metadata;
  const ref = { namespace, name: podDisruptionBudgetName(name) };
  const wanted = podDisruptionBudget(context);
  const found = caches.budgets.store.get(`${namespace}/${ref.name}`);
  return await part('PDB', 'PodDisruptionBudget', ref.name, async () => {
    if (wanted !== undefined) return await applier.apply(podDisruptionBudgets, wanted, found, signal);
    const there = found?.metadata;
    const ours = there?.ownerReferences?.some((owner) => owner.uid === uid) === true;
    if (!ours || there.uid === undefined) return 'unchanged';
    const preconditions = { uid: there.uid };
    const gone = await client.delete(podDisruptionBudgets, ref, { preconditions, signal });
    return gone ? 'deleted' : 'unchanged';
  });
}

async function part(
  name: string,
  kind: string,
  object: string,
  make: () => Promise<ApplyOutcome | 'deleted'>,
): Promise<PartResult> {
  try {
    return { part: name, kind, name: object, outcome: await make() };
  } catch (error) {
    return { part: name, kind, name: object, error };
  }
}

/** Kubernetes says no and will say so again; anything else that failed is tried again soon. */
export function isRefused(error: unknown): boolean {
  return (
    error instanceof ServiceNameTakenError ||
    (error instanceof KubeError && (error.isInvalid || error.isForbidden || error.status === 400))
  );
}

export function isFailed(result: PartResult): result is Extract<PartResult, { error: unknown }> {
  return 'error' in result;
}

function refusal(result: PartResult): Problem[] {
  if (!isFailed(result)) return [];
  const { error, kind, name } = result;
  if (error instanceof ServiceNameTakenError) {
    return [{ reason: 'ServiceNameTaken', message: error.message, blocks: 'nothing' }];
  }
  if (!isRefused(error) || !(error instanceof Error)) return [];
  return [
    {
      reason: 'ObjectRefused',
      message: `Kubernetes refuses the ${kind} ${name}: ${error.message} Correct the part of the spec this is about; everything else is in force.`,
      blocks: 'nothing',
    },
  ];
}
