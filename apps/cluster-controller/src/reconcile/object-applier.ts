import { createHash } from 'node:crypto';
import { fieldManagers } from '@pilotfish/api';
import { type Applied, type KubeClient, type KubeObject, type Resource, withoutManagement } from '@pilotfish/kube';
import type { Manifest } from '../objects/manifest.ts';

export type ApplyOutcome = 'unchanged' | 'created' | 'updated';

/** What was last made of an object: while both digests hold there is nothing to do. */
interface Fingerprint {
  readonly wanted: string;
  readonly found: string;
}

/**
 * Server-side apply that costs no request while nothing has changed: neither what is wanted, nor what is there (apart from
 * its status). The server would answer an apply without effect by changing nothing, too; this only saves the asking.
 */
export class ObjectApplier {
  readonly #client: Pick<KubeClient, 'apply'>;
  readonly #applied = new Map<string, Fingerprint>();

  constructor(client: Pick<KubeClient, 'apply'>) {
    this.#client = client;
  }

  /** `found` is the object in the cache. Rejects with KubeError. */
  async apply<T extends KubeObject>(
    resource: Resource<T>,
    manifest: Manifest,
    found: T | undefined,
    signal: AbortSignal,
  ): Promise<ApplyOutcome> {
    const { namespace, name } = manifest.metadata;
    const key = `${manifest.kind}/${namespace}/${name}`;
    const wanted = digest(manifest);
    const before = this.#applied.get(key);
    if (found !== undefined && before?.wanted === wanted && before.found === contentDigest(found)) return 'unchanged';
    const result = await this.#client.apply(resource, manifest as unknown as Applied<T>, {
      fieldManager: fieldManagers.clusterController,
      force: true,
      signal,
    });
    this.#applied.set(key, { wanted, found: contentDigest(result) });
    if (found === undefined) return 'created';
    return result.metadata.resourceVersion === found.metadata.resourceVersion ? 'unchanged' : 'updated';
  }

  /** Of a cluster that is gone. */
  forget(namespace: string, names: readonly string[]): void {
    for (const key of this.#applied.keys()) {
      if (names.some((name) => key.endsWith(`/${namespace}/${name}`))) this.#applied.delete(key);
    }
  }
}

/** Of all that can be applied: status and bookkeeping of the server change without anybody asking for it. */
function contentDigest(object: KubeObject): string {
  const {
    status: _status,
    metadata,
    ...content
  } = withoutManagement(object) as KubeObject & { readonly status?: unknown };
  const { uid, labels, annotations, ownerReferences, deletionTimestamp } = metadata;
  return digest({ ...content, metadata: { uid, labels, annotations, ownerReferences, deletionTimestamp } });
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, sortedKeys)).digest('base64');
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
