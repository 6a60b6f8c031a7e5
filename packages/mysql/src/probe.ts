import type { Deadline, Endpoint } from './endpoint.ts';
import { MysqlSession } from './mysql-session.ts';

/**
 * A fresh connection and login, thrown away: a second opinion on a server whose lasting connection went silent.
 * Costs the server a TLS handshake (about 6 ms of CPU for both ends), so it is not for polling.
 *
 * A Timeout here is no proof of a hang: while an account statement waits for its semi-sync acknowledgement, nobody can log in, and the lasting
 * session still answers (see enableSemiSyncSource).
 * @throws MysqlError; its kind is the finding
 */
export async function probe(endpoint: Endpoint, deadline: Deadline): Promise<void> {
  const session = await MysqlSession.connect(endpoint, deadline);
  session.destroy();
}
