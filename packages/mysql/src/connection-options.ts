import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'mysql2';
import type { Endpoint } from './endpoint.ts';

/**
 * Encrypted but not verified: mysqld makes its own certificate at initialisation, there is no authority to check it against, and the password
 * never crosses in the clear with caching_sha2_password over TLS. One object for all, because mysql2 caches its TLS context by identity
 * (and writes its defaults into it, so it cannot be frozen).
 */
const ssl = { rejectUnauthorized: false };

/** How this package uses mysql2, over a socket of its own making (so that it can see it end, and end it without the peer's consent). */
export function connectionOptions(endpoint: Endpoint, socket: Socket): ConnectionOptions {
  return {
    host: endpoint.host,
    port: endpoint.port,
    user: endpoint.user,
    password: endpoint.password,
    stream: () => socket,
    ssl,
    // The session's own deadline covers it.
    connectTimeout: 0,
    // mysql2 allocates the cache of prepared statements up front: half a megabyte a connection with its default of 16,000.
    maxPreparedStatements: 16,
    supportBigNumbers: true,
    dateStrings: true,
    timezone: 'Z',
    multipleStatements: false,
    // Row parsers without generated code.
    disableEval: true,
    connectAttributes: { program_name: 'pilotfish', ...endpoint.attributes },
  };
}
