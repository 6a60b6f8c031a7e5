import { KubeError } from './kube-error.ts';
import type { KubeObject, ObjectRef } from './kube-object.ts';
import type { Resource } from './resource.ts';
import { apiVersionOf, resourcePath } from './resource.ts';
import type { RawRequest, Transport } from './transport.ts';
import { openWatch, type WatchEvent } from './watch-stream.ts';

export interface RequestOptions {
  /** Ends the request; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the request rejects as unreachable; 30,000 unless given. */
  readonly deadlineMs?: number;
}

export interface WriteOptions extends RequestOptions {
  readonly subresource?: 'status';
  /** Who is recorded as owner of the fields. */
  readonly fieldManager?: string;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Take fields over from other managers instead of rejecting with a conflict. */
  readonly force?: boolean;
}

export interface DeleteOptions extends RequestOptions {
  /** 0 is at once, without waiting for the kubelet. */
  readonly gracePeriodSeconds?: number;
  /** Rejects with a conflict when the object is another one or has changed. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
}

export interface Selection {
  /** Empty or absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListOptions extends Selection, RequestOptions {
  /** Objects in one page; 500 unless given. All pages are read in any case. */
  readonly pageSize?: number;
}

export interface ListResult<T> {
  readonly items: readonly T[];
  /** Where a watch may start. */
  readonly resourceVersion: string;
}

export interface WatchOptions extends Selection {
  readonly resourceVersion?: string;
  /** When the server shall end the stream, in seconds. */
  readonly timeoutSeconds: number;
  /** The stream rejects when nothing came for so long, in milliseconds. */
  readonly stallMs: number;
  readonly signal: AbortSignal;
}

export type JsonPatch = readonly (
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string }
)[];

/** Any part of an object; null removes a field. */
export type MergePatch = Readonly<Record<string, unknown>>;

const defaultDeadlineMs = 30_000;
const defaultPageSize = 500;

/** The Kubernetes API over raw JSON. Everything rejects with KubeError, or with the signal's reason when aborted. */
export class KubeClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async get<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef, options: RequestOptions = {}): Promise<T> {
    return (await this.#send('GET', resourcePath(resource, ref.namespace, ref.name), options)) as T;
  }

  /** As `get`, but undefined when there is no such object. */
  async find<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    options: RequestOptions = {},
  ): Promise<T | undefined> {
    return await orIfMissing(this.get(resource, ref, options), undefined);
  }

  /**
   * All objects, read page by page; each carries apiVersion and kind, which the server leaves out of lists.
   * When the pages expire half-way it starts again, twice; then it rejects with `isGone`.
   */
  async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<ListResult<T>> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#listPages(resource, options);
      } catch (error) {
        if (!(error instanceof KubeError && error.isGone) || attempt === 2) throw error;
      }
    }
  }

  /** Rejects with `isAlreadyExists` when there is one of that name. */
  async create<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const path = resourcePath(resource, object.metadata.namespace);
    return (await this.#send('POST', withQuery(path, writeQuery(options)), options, typed(resource, object))) as T;
  }

  /** JSON merge patch. `metadata.resourceVersion` in it is a precondition (`isConflict`). */
  async patchMerge<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    patch: MergePatch,
    options: WriteOptions = {},
  ): Promise<T> {
    return await this.#patch(resource, ref, 'application/merge-patch+json', patch, options, writeQuery(options));
  }

  /** JSON patch; all or nothing. A failing `test` rejects with `isInvalid`. */
  async patchJson<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    patch: JsonPatch,
    options: WriteOptions = {},
  ): Promise<T> {
    return await this.#patch(resource, ref, 'application/json-patch+json', patch, options, writeQuery(options));
  }

  /**
   * Server-side apply: makes the object so, creating it when missing; fields this manager applied before and no longer
   * names are removed. `metadata.uid` in it makes it reject (`isConflict`) instead of creating another one.
   */
  async apply<T extends KubeObject>(resource: Resource<T>, object: Applied<T>, options: ApplyOptions): Promise<T> {
    const query = { ...writeQuery(options), force: options.force ? 'true' : 'false' };
    const body = typed(resource, object);
    return await this.#patch(resource, object.metadata, 'application/apply-patch+yaml', body, options, query);
  }

  /** True when it was there (it may live on until its finalizers are done), false when it was gone already. */
  async delete(resource: Resource<KubeObject>, ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
    const { gracePeriodSeconds, preconditions, propagationPolicy } = options;
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds, preconditions, propagationPolicy };
    const path = resourcePath(resource, ref.namespace, ref.name);
    return await orIfMissing(
      this.#send('DELETE', path, options, body).then(() => true),
      false,
    );
  }

  /** One watch request until the server or the signal ends it; an Informer is what most callers want instead. */
  watch<T extends KubeObject>(resource: Resource<T>, options: WatchOptions): AsyncIterable<WatchEvent<T>> {
    const path = withQuery(resourcePath(resource, options.namespace), {
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(options.timeoutSeconds),
      resourceVersion: options.resourceVersion,
      ...selectors(options),
    });
    return openWatch<T>(this.#transport, path, options);
  }

  /** Ends all connections; running requests and watches reject. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  async #listPages<T extends KubeObject>(resource: Resource<T>, options: ListOptions): Promise<ListResult<T>> {
    const items: T[] = [];
    const head = { apiVersion: apiVersionOf(resource), kind: resource.kind };
    let token: string | undefined;
    for (;;) {
      const path = withQuery(resourcePath(resource, options.namespace), {
        limit: String(options.pageSize ?? defaultPageSize),
        continue: token,
        ...selectors(options),
      });
      const page = (await this.#send('GET', path, options)) as RawList<T>;
      for (const item of page.items ?? []) items.push({ ...head, ...item });
      token = page.metadata?.continue || undefined;
      if (token === undefined) return { items, resourceVersion: page.metadata?.resourceVersion ?? '' };
    }
  }

  async #patch<T>(
    resource: Resource<KubeObject>,
    ref: ObjectRef,
    contentType: string,
    body: unknown,
    options: WriteOptions,
    query: Query,
  ): Promise<T> {
    const path = withQuery(resourcePath(resource, ref.namespace, ref.name, options.subresource), query);
    return (await this.#send('PATCH', path, options, body, contentType)) as T;
  }

  #send(method: RawRequest['method'], path: string, options: RequestOptions, body?: unknown, contentType?: string) {
    const { signal, deadlineMs = defaultDeadlineMs } = options;
    return this.#transport.request({ method, path, body, signal, deadlineMs, ...(contentType ? { contentType } : {}) });
  }
}

/** An object as it is applied: any part of it, so long as it says which. */
export type Applied<T extends KubeObject> = DeepPartial<T> & { readonly metadata: ObjectRef };

type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> }
    : T;

interface RawList<T> {
  readonly items?: readonly T[] | null;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

type Query = Readonly<Record<string, string | undefined>>;

function writeQuery({ fieldManager }: WriteOptions): Query {
  return { fieldManager };
}

function selectors({ labelSelector, fieldSelector }: Selection): Query {
  return { labelSelector, fieldSelector };
}

function withQuery(path: string, query: Query): string {
  const text = new URLSearchParams(
    Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1])),
  ).toString();
  return text ? `${path}?${text}` : path;
}

function typed(resource: Resource<KubeObject>, object: object): object {
  return { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object };
}

async function orIfMissing<T, F>(request: Promise<T>, fallback: F): Promise<T | F> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof KubeError && error.isNotFound) return fallback;
    throw error;
  }
}
