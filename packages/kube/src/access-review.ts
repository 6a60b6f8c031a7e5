import type { KubeClient } from './kube-client.ts';
import type { KubeObject } from './kube-object.ts';
import { defineResource } from './resource.ts';

/** Whom a token belongs to, as the API server says. */
export interface TokenOwner {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What somebody wants to do with which object. */
export interface AccessRequest {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Empty: in all namespaces. */
  readonly namespace: string;
  /** Empty: with all objects. */
  readonly name: string;
}

interface TokenReview extends KubeObject {
  readonly spec: { readonly token: string };
  readonly status?: { readonly authenticated?: boolean; readonly user?: Partial<TokenOwner> };
}

interface SubjectAccessReview extends KubeObject {
  readonly spec: object;
  readonly status?: { readonly allowed?: boolean };
}

const tokenReviews = defineResource<TokenReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'tokenreviews',
  kind: 'TokenReview',
  namespaced: false,
});

const subjectAccessReviews = defineResource<SubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'subjectaccessreviews',
  kind: 'SubjectAccessReview',
  namespaced: false,
});

const deadlineMs = 5_000;
/** A review is an answer, not an object that is kept: it has no name. */
const unnamed = { name: '' };

/** Asks the API server who somebody is and what they may do. Needs `create` on tokenreviews and subjectaccessreviews. */
export class AccessReview {
  readonly #client: KubeClient;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** Undefined when the token is nobody's. @throws KubeError */
  async ownerOf(token: string): Promise<TokenOwner | undefined> {
    const { status } = await this.#client.create(tokenReviews, { metadata: unnamed, spec: { token } }, { deadlineMs });
    const { username = '', uid = '', groups = [], extra = {} } = status?.user ?? {};
    return status?.authenticated === true && username !== '' ? { username, uid, groups, extra } : undefined;
  }

  /** @throws KubeError */
  async isAllowed(owner: TokenOwner, resourceAttributes: AccessRequest): Promise<boolean> {
    const { username: user, uid, groups, extra } = owner;
    const spec = { user, uid, groups, extra, resourceAttributes };
    const { status } = await this.#client.create(subjectAccessReviews, { metadata: unnamed, spec }, { deadlineMs });
    return status?.allowed === true;
  }
}
