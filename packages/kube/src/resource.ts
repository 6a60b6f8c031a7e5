import type { KubeObject } from './kube-object.ts';

/** A kind of object and where the API serves it. `T` is the type of its objects. */
export interface Resource<T extends KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Never set; ties the type to the value. */
  readonly objectType?: T;
}

export function defineResource<T extends KubeObject>(resource: Omit<Resource<T>, 'objectType'>): Resource<T> {
  return resource;
}

export function apiVersionOf({ group, version }: Resource<KubeObject>): string {
  return group ? `${group}/${version}` : version;
}

/** Path of the collection, or of one object. `namespace` undefined or empty means all of them. */
export function resourcePath(resource: Resource<KubeObject>, namespace?: string, name?: string, sub?: string): string {
  const { group, version, plural, namespaced } = resource;
  if (namespaced && name !== undefined && !namespace) throw new Error(`${plural} ${name}: a namespace is needed`);
  const parts = [group ? `/apis/${group}/${version}` : `/api/${version}`];
  if (namespaced && namespace) parts.push('namespaces', encodeURIComponent(namespace));
  parts.push(plural);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (sub !== undefined) parts.push(sub);
  return parts.join('/');
}
