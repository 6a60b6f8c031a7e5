import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkLeaks, freePort, type Mysqld, startMysqld } from '@pilotfish/testkit';
import { MysqlError, type MysqlErrorKind, MysqlSession, openWrites, probe, setSuperReadOnly } from './index.ts';

const deadline = { deadlineMs: 5_000 };
let server: Mysqld;

beforeAll(async () => {
  server = await startMysqld({ serverId: 1 });
}, 120_000);
afterAll(async () => {
  await server.close();
});
checkLeaks({ beforeAll, afterAll });

describe('connecting', () => {
  test('takes the password over TLS', async () => {
    await withSession(async (session) => {
      const [row] = await session.query<{ Value: string }>("SHOW SESSION STATUS LIKE 'Ssl_version'", [], deadline);
      expect(row?.Value).toMatch(/^TLSv1/);
      expect(session.threadId).toBeGreaterThan(0);
    });
  });

  test('over the unix socket, for the agent beside mysqld', async () => {
    const session = await MysqlSession.connect({ ...server.root, port: 1, socketPath: server.socket }, deadline);
    expect(await session.query('SELECT CURRENT_USER() AS user', [], deadline)).toEqual([{ user: 'root@localhost' }]);
    session.destroy();
  });

  test('a wrong password is AuthFailed', async () => {
    expect(await kindOf(probe({ ...server.root, password: 'wrong' }, deadline))).toBe('AuthFailed');
  });

  test('a port that nobody listens on is Refused, within milliseconds', async () => {
    const port = await freePort();
    const startedAt = performance.now();
    expect(await kindOf(probe({ ...server.root, port }, deadline))).toBe('Refused');
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  test('a socket file that is not there is Refused', async () => {
    expect(await kindOf(probe({ ...server.root, socketPath: `${server.socket}.no` }, deadline))).toBe('Refused');
  });

  test('a name that no resolver knows is Unreachable', async () => {
    expect(await kindOf(probe({ ...server.root, host: 'no-such-host.invalid' }, deadline))).toBe('Unreachable');
  });

  test('a listener that never greets is a Timeout at the deadline', async () => {
    await withListener(mute, async (port) => {
      const startedAt = performance.now();
      expect(await kindOf(probe({ ...server.root, port }, { deadlineMs: 100 }))).toBe('Timeout');
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    });
  });

  test('a listener that hangs up is Closed', async () => {
    const rude = (socket: Socket): unknown => socket.end();
    await withListener(rude, async (port) => {
      expect(await kindOf(probe({ ...server.root, port }, deadline))).toBe('Closed');
    });
  });

  test('an aborted signal gives up at once', async () => {
    await withListener(mute, async (port) => {
      const giveUp = new AbortController();
      const attempt = kindOf(probe({ ...server.root, port }, { deadlineMs: 60_000, signal: giveUp.signal }));
      giveUp.abort(new Error('no longer the owner'));
      expect(await attempt).toBe('Closed');
    });
  });

  test('an account at its limit is TooManyConnections', async () => {
    await withSession(async (session) => {
      await openWrites(session, deadline);
      await session.query("CREATE USER one@'%' IDENTIFIED BY 'x' WITH MAX_USER_CONNECTIONS 1", [], deadline);
      const endpoint = { ...server.root, user: 'one', password: 'x' };
      const only = await MysqlSession.connect(endpoint, deadline);
      expect(await kindOf(probe(endpoint, deadline))).toBe('TooManyConnections');
      only.destroy();
      await setSuperReadOnly(session, deadline);
    });
  });
});

describe('statements', () => {
  test('parameters are escaped, numbers beyond 2^53 and dates come as text', async () => {
    await withSession(async (session) => {
      const sql =
        "SELECT ? AS text, 9007199254740993 AS big, 7 AS small, TIMESTAMP'2026-03-29 02:30:00' AS at, NULL AS nothing";
      expect(await session.query(sql, ["it's ? 'quoted'"], deadline)).toEqual([
        { text: "it's ? 'quoted'", big: '9007199254740993', small: 7, at: '2026-03-29 02:30:00', nothing: null },
      ]);
      expect(await session.query('SET @x = 1', [], deadline)).toEqual([]);
    });
  });

  test('a refused statement is Sql with the number of the server, and the session goes on', async () => {
    await withSession(async (session) => {
      const error = await errorOf(session.query('SELECT * FROM mysql.no_such', [], deadline));
      expect(error).toMatchObject({ kind: 'Sql', errno: 1146 });
      expect(await session.query('SELECT 1 AS one', [], deadline)).toEqual([{ one: 1 }]);
    });
  });

  test('a write to a read-only server is ReadOnly', async () => {
    await withSession(async (session) => {
      const error = await errorOf(session.query('CREATE DATABASE refused', [], deadline));
      expect(error).toMatchObject({ kind: 'ReadOnly', errno: 1290 });
    });
  });

  test('an error does not carry the statement, and so no password', async () => {
    await withSession(async (session) => {
      const error = await errorOf(session.query('ALTER USER nobody IDENTIFIED BY ?', ['hush'], deadline));
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hush');
      expect(error.cause).toBeUndefined();
    });
  });

  test('a statement beyond its deadline is a Timeout and ends the session; those behind it fail as well', async () => {
    const session = await MysqlSession.connect(server.root, deadline);
    const slow = kindOf(session.query('SELECT SLEEP(5)', [], { deadlineMs: 100 }));
    const behind = kindOf(session.query('SELECT 1', [], deadline));
    expect([await slow, await behind]).toEqual(['Timeout', 'Timeout']);
    expect(session.isClosed).toBe(true);
    expect(await session.closed).toMatchObject({ kind: 'Timeout' });
    expect(await kindOf(session.query('SELECT 1', [], deadline))).toBe('Closed');
  });

  test('an answer that came while this process was busy counts', async () => {
    await withSession(async (session) => {
      const answer = session.query('SELECT 1 AS one', [], { deadlineMs: 150 });
      await new Promise((resolve) => setImmediate(resolve));
      const busyUntil = performance.now() + 300;
      while (performance.now() < busyUntil);
      expect(await answer).toEqual([{ one: 1 }]);
    });
  });

  test('destroy ends calls under way with Closed, and resolves closed without an error', async () => {
    const session = await MysqlSession.connect(server.root, deadline);
    const underWay = kindOf(session.query('SELECT SLEEP(5)', [], deadline));
    session.destroy();
    session.destroy();
    expect(await underWay).toBe('Closed');
    expect(await session.closed).toBeUndefined();
  });

  test('a session that an administrator kills is closed', async () => {
    const session = await MysqlSession.connect(server.root, deadline);
    await withSession(async (other) => {
      await other.query('KILL ?', [session.threadId], deadline);
    });
    expect(await session.closed).toMatchObject({ kind: 'Closed' });
  });
});

describe('a server that dies or hangs', () => {
  test('SIGKILL closes an idle session and one with a call under way, at once; the next attempt is Refused', async () => {
    const idle = await MysqlSession.connect(server.root, deadline);
    const busy = await MysqlSession.connect(server.root, deadline);
    const call = kindOf(busy.query('SELECT SLEEP(30)', [], { deadlineMs: 60_000 }));
    const killedAt = performance.now();
    server.kill('SIGKILL');
    expect(await idle.closed).toMatchObject({ kind: 'Closed' });
    expect(await call).toBe('Closed');
    // Most of it is the kernel taking mysqld's memory down before it closes the sockets.
    expect(performance.now() - killedAt).toBeLessThan(500);
    await server.exited();
    expect(await kindOf(probe(server.root, deadline))).toBe('Refused');
    await server.start();
  }, 60_000);

  test('SIGSTOP shows as a Timeout, on the lasting session and on a fresh one, and never as Closed or Refused', async () => {
    const session = await MysqlSession.connect(server.root, deadline);
    server.kill('SIGSTOP');
    expect(await kindOf(session.observe({ deadlineMs: 200 }))).toBe('Timeout');
    expect(await kindOf(probe(server.root, { deadlineMs: 200 }))).toBe('Timeout');
    server.kill('SIGCONT');
    await probe(server.root, deadline);
  });
});

async function withSession(use: (session: MysqlSession) => Promise<void>): Promise<void> {
  const session = await MysqlSession.connect(server.root, deadline);
  try {
    await use(session);
  } finally {
    session.destroy();
  }
}

async function errorOf(call: Promise<unknown>): Promise<MysqlError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MysqlError)) throw new Error('expected a MysqlError', { cause: error });
  return error;
}

async function kindOf(call: Promise<unknown>): Promise<MysqlErrorKind> {
  return (await errorOf(call)).kind;
}

const mute = (): void => undefined;

/** Something else than mysqld on a TCP port. */
async function withListener(
  onConnection: (socket: Socket) => unknown,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => {
    listener.listen(port, '127.0.0.1', resolve);
  });
  try {
    await use(port);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => listener.close(resolve));
  }
}
