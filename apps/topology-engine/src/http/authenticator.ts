/** Tells who calls. In Kubernetes that is for the API server to say; standalone there is one token. */
export interface Authenticator {
  /** Undefined: the token is nobody's. Rejects when it can't be told now. */
  identify(token: string): Promise<Caller | undefined>;
}

export interface Caller {
  /** Who stands in the audit: the user, as Kubernetes names them. */
  readonly name: string;
  /** Rejects when it can't be told now. */
  may(verb: string, cluster: ClusterScope): Promise<boolean>;
}

/** One cluster, or with an empty name all of a namespace, or with both empty all there are. */
export interface ClusterScope {
  readonly namespace: string;
  readonly name: string;
}
