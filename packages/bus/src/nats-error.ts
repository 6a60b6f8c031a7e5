import { JetStreamApiError } from '@nats-io/jetstream';
import { PermissionViolationError, RequestError } from '@nats-io/transport-node';

/** Name and message of whatever was thrown, with the cause that says what the matter was. */
export function errorText(error: unknown): string {
  if (error === null || typeof error !== 'object' || !('message' in error)) return String(error);
  const cause = 'cause' in error && error.cause !== undefined ? errorText(error.cause) : '';
  const own = String(error.message);
  return cause === '' || own.includes(cause) ? own : `${own}: ${cause}`;
}

export function permissionViolation(error: unknown): PermissionViolationError | undefined {
  if (error instanceof PermissionViolationError) return error;
  return error instanceof RequestError && error.cause !== undefined ? permissionViolation(error.cause) : undefined;
}

/** The server has understood the request and will refuse it again. (5xx is a server or stream that is not ready.) */
export function isRefusal(error: unknown): boolean {
  if (permissionViolation(error) !== undefined) return true;
  return error instanceof JetStreamApiError && error.status >= 400 && error.status < 500 && error.status !== 408;
}
