import { expect, test } from '@jest/globals';
import { MysqlError } from './index.ts';

test.each([
  [{ code: 'ECONNREFUSED', errno: -111 }, 'Refused'],
  [{ code: 'EHOSTUNREACH', errno: -113 }, 'Unreachable'],
  [{ code: 'ECONNRESET', errno: -104 }, 'Closed'],
  [{ code: 'PROTOCOL_CONNECTION_LOST' }, 'Closed'],
  [{ code: 'HANDSHAKE_NO_SSL_SUPPORT' }, 'Protocol'],
  [{ code: 'ER_CON_COUNT_ERROR', errno: 1040 }, 'TooManyConnections'],
  [{ code: 'ER_ACCESS_DENIED_ERROR', errno: 1045 }, 'AuthFailed'],
  [{ code: 'ER_LOCK_WAIT_TIMEOUT', errno: 1205 }, 'Timeout'],
  [{ code: 'ER_SERVER_SHUTDOWN', errno: 1053 }, 'Closed'],
  [{ errno: 1290, message: 'running with the --super-read-only option' }, 'ReadOnly'],
  [{ errno: 1290, message: 'running with the --secure-file-priv option' }, 'Sql'],
  [{ code: 'ER_DUP_ENTRY', errno: 1062 }, 'Sql'],
] as const)('%j is %s', (parts, kind) => {
  const error = MysqlError.from(Object.assign(new Error('message'), parts));
  expect(error.kind).toBe(kind);
  // The numbers of the socket's errors are not the server's.
  expect(error.errno).toBe('errno' in parts && parts.errno > 0 ? parts.errno : undefined);
});

test('what is thrown may be anything', () => {
  expect(MysqlError.from('no error object')).toMatchObject({ kind: 'Protocol', message: 'no error object' });
  expect(MysqlError.from(Object.assign(new Error(''), { code: 'ECONNREFUSED' })).message).toBe('ECONNREFUSED');
});
