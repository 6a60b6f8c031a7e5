import { type KubeObject, keyOf } from './kube-object.ts';

/** Values under which an object can be found; several or none. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** What an informer tells handlers: two objects when there are two, never just the event. */
export type Change<T> =
  | { readonly type: 'added'; readonly object: T }
  | { readonly type: 'updated'; readonly object: T; readonly previous: T }
  /** `object` is its last known state; what happened between it and its end may have been missed. */
  | { readonly type: 'deleted'; readonly object: T };

/** What reconcilers read. Objects are shared: never change them. */
export interface ReadonlyStore<T extends KubeObject, I extends string = never> {
  readonly size: number;
  /** By `keyOf`: `namespace/name`, or `name` for objects without a namespace. */
  get(key: string): T | undefined;
  list(): readonly T[];
  /** The objects with this value in the index, in no particular order. */
  by(index: I, value: string): readonly T[];
}

/** Objects by key with secondary indexes. */
export class Store<T extends KubeObject, I extends string = never> implements ReadonlyStore<T, I> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<I, { readonly of: IndexFunction<T>; readonly keys: Map<string, Set<string>> }>();

  constructor(indexes: Readonly<Record<I, IndexFunction<T>>>) {
    for (const name of Object.keys(indexes) as I[]) this.#indexes.set(name, { of: indexes[name], keys: new Map() });
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  by(index: I, value: string): readonly T[] {
    const keys = this.#indexes.get(index)?.keys.get(value) ?? [];
    return [...keys].flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** Undefined when the object is the same version as before. */
  set(object: T): Change<T> | undefined {
    const key = keyOf(object);
    const previous = this.#objects.get(key);
    if (previous !== undefined) {
      const { resourceVersion } = object.metadata;
      if (resourceVersion !== undefined && resourceVersion === previous.metadata.resourceVersion) return undefined;
      this.#unindex(key, previous);
    }
    this.#objects.set(key, object);
    this.#index(key, object);
    return previous === undefined ? { type: 'added', object } : { type: 'updated', object, previous };
  }

  /** `last` is the state that came with the news of its end, when any did. */
  delete(key: string, last?: T): Change<T> | undefined {
    const previous = this.#objects.get(key);
    if (previous === undefined) return undefined;
    this.#objects.delete(key);
    this.#unindex(key, previous);
    return { type: 'deleted', object: last ?? previous };
  }

  /** Makes the store exactly these objects. One that was replaced by another of the same name is an end and a beginning. */
  replace(objects: readonly T[]): Change<T>[] {
    const keys = new Set(objects.map(keyOf));
    const gone = [...this.#objects.keys()].filter((key) => !keys.has(key)).map((key) => this.delete(key));
    return [...gone, ...objects.flatMap((object) => this.upsert(object))].filter((change) => change !== undefined);
  }

  /** As `set`, but another uid under the same key is told as deleted, then added. */
  upsert(object: T): Change<T>[] {
    const key = keyOf(object);
    const before = this.#objects.get(key);
    const another = before !== undefined && before.metadata.uid !== object.metadata.uid;
    return [another ? this.delete(key) : undefined, this.set(object)].filter((change) => change !== undefined);
  }

  #index(key: string, object: T): void {
    for (const { of, keys } of this.#indexes.values()) {
      for (const value of of(object)) {
        const members = keys.get(value);
        if (members) members.add(key);
        else keys.set(value, new Set([key]));
      }
    }
  }

  #unindex(key: string, object: T): void {
    for (const { of, keys } of this.#indexes.values()) {
      for (const value of of(object)) {
        const members = keys.get(value);
        members?.delete(key);
        if (members?.size === 0) keys.delete(value);
      }
    }
  }
}
