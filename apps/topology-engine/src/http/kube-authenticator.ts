import { createHash } from 'node:crypto';
import { apiGroup, plural } from '@pilotfish/api';
import type { AccessReview, TokenOwner } from '@pilotfish/kube';
import type { Clock } from '@pilotfish/service';
import { LRUCache } from 'lru-cache';
import type { Authenticator, Caller, ClusterScope } from './authenticator.ts';

/** How long an answer of the API server is believed, and how many: a withdrawn right ends after so long. Milliseconds. */
const believedMs = 10_000;
const mostTokens = 1_000;
const mostRights = 5_000;

type Reviews = Pick<AccessReview, 'ownerOf' | 'isAllowed'>;

/** Who calls is told by TokenReview, what they may do to a MysqlCluster by SubjectAccessReview. */
export class KubeAuthenticator implements Authenticator {
  readonly #reviews: Reviews;
  readonly #owners: AnswerCache<TokenOwner | undefined>;
  readonly #rights: AnswerCache<boolean>;

  constructor(reviews: Reviews, clock: Clock) {
    this.#reviews = reviews;
    this.#owners = new AnswerCache(mostTokens, clock);
    this.#rights = new AnswerCache(mostRights, clock);
  }

  async identify(token: string): Promise<Caller | undefined> {
    const key = createHash('sha256').update(token).digest('base64');
    const owner = await this.#owners.get(key, () => this.#reviews.ownerOf(token));
    return owner && { name: owner.username, may: (verb, cluster) => this.#may(key, owner, verb, cluster) };
  }

  async #may(tokenKey: string, owner: TokenOwner, verb: string, { namespace, name }: ClusterScope): Promise<boolean> {
    const request = { verb, group: apiGroup, resource: plural, namespace, name };
    const key = JSON.stringify([tokenKey, verb, namespace, name]);
    return await this.#rights.get(key, () => this.#reviews.isAllowed(owner, request));
  }
}

/** Answers are shared by those who ask meanwhile, and kept for a moment; failures are not. */
class AnswerCache<Answer> {
  readonly #answers: LRUCache<string, Promise<Answer>>;

  constructor(max: number, clock: Clock) {
    this.#answers = new LRUCache({ max, ttl: believedMs, ttlResolution: 0, perf: { now: () => clock.nowMs() } });
  }

  async get(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.#answers.get(key);
    if (known) return await known;
    const asked = ask();
    this.#answers.set(key, asked);
    asked.catch(() => this.#answers.delete(key));
    return await asked;
  }
}
