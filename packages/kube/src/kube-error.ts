/** One detail of a refusal, e.g. which field is invalid or which manager owns it. */
export interface StatusCause {
  readonly reason?: string;
  readonly field?: string;
  readonly message?: string;
}

export interface KubeErrorInit {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** The server's machine-readable reason, e.g. `NotFound`; `Unreachable` or `Timeout` when there was no answer. */
  readonly reason: string;
  readonly message: string;
  readonly causes?: readonly StatusCause[];
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A request to the Kubernetes API that did not do what was asked. The message is the server's own. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  readonly retryAfterMs: number | undefined;

  constructor({ status, reason, message, causes = [], retryAfterMs, cause }: KubeErrorInit) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.reason = reason;
    this.causes = causes;
    this.retryAfterMs = retryAfterMs;
  }

  get isNotFound(): boolean {
    return this.status === 404;
  }

  /** A precondition on resourceVersion or uid did not hold, or server-side apply met a field of another manager. */
  get isConflict(): boolean {
    return this.status === 409 && this.reason !== 'AlreadyExists';
  }

  get isAlreadyExists(): boolean {
    return this.reason === 'AlreadyExists';
  }

  /** The object would not pass validation, or a `test` of a JSON patch failed. */
  get isInvalid(): boolean {
    return this.status === 422;
  }

  /** The resourceVersion or continue token is too old. */
  get isGone(): boolean {
    return this.status === 410;
  }

  get isForbidden(): boolean {
    return this.status === 403;
  }

  /** No answer came: it may have been done or not. */
  get isUnreachable(): boolean {
    return this.status === 0;
  }
}

interface StatusBody {
  readonly code?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: { readonly causes?: readonly StatusCause[]; readonly retryAfterSeconds?: number };
}

/** From a `Status` object of the API, which is also what the ERROR event of a watch carries. */
export function errorOfStatus(status: unknown, httpStatus: number, what: string, retryAfterMs?: number): KubeError {
  const body: StatusBody = typeof status === 'object' && status !== null ? status : {};
  const code = typeof body.code === 'number' ? body.code : httpStatus;
  const wait = retryAfterMs ?? (body.details?.retryAfterSeconds ? body.details.retryAfterSeconds * 1000 : undefined);
  return new KubeError({
    status: code,
    reason: typeof body.reason === 'string' && body.reason !== '' ? body.reason : `HTTP ${code}`,
    message: typeof body.message === 'string' && body.message !== '' ? body.message : `${what}: HTTP ${code}`,
    ...(body.details?.causes ? { causes: body.details.causes } : {}),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}
