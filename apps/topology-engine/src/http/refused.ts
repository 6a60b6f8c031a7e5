import type { OrderRefusal } from '../act/order.ts';

/** Why a request is not answered as it was meant. */
export type RefusedReason =
  | OrderRefusal['reason']
  | 'Unauthenticated'
  | 'Forbidden'
  | 'UnknownCluster'
  | 'UnknownRun'
  | 'UnknownPath'
  | 'MethodNotAllowed'
  | 'MalformedBody'
  | 'MalformedQuery'
  | 'BodyTooLarge'
  | 'UnsupportedMediaType'
  | 'IdempotencyKeyReused'
  | 'TooManyRequests'
  | 'TooManyStreams'
  | 'OwnerUnreachable'
  | 'AuthorityUnreachable'
  | 'InternalError';

/** Ends a request with an HTTP status, a word for programs and a sentence for people. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly reason: RefusedReason;

  constructor(status: number, reason: RefusedReason, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** What an order was refused for is a conflict with how things are, unless the order itself makes no sense. */
export function refusedOrder({ reason, message }: OrderRefusal): Refused {
  const status = { UnknownInstance: 404, BadRequest: 400, NotReady: 503 }[reason as string] ?? 409;
  return new Refused(status, reason, message);
}
