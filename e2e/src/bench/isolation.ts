import { MysqlSession } from '@pilotfish/mysql';
import { eventually } from '@pilotfish/testkit';
import { TestApiServer } from '../../../apps/node-agent/src/test-api-server.ts';
import { TestPod } from '../../../apps/node-agent/src/test-pod.ts';

export interface IsolationRow {
  /** Whether commits wait for a replica that is cut off as well. */
  readonly semiSync: boolean;
  /** From the cut to the last write that was acknowledged, seconds; negative when it came before. */
  readonly lastAcknowledgedS: number;
}

const timeoutS = 10;
const pauseMs = 5;

/**
 * How long a primary that is cut off from API server and peers goes on acknowledging writes: alone, as the last primary of an asynchronous
 * cluster would, and with commits that wait for a replica, which then are never acknowledged.
 */
export async function measureIsolation(log: (line: string) => void): Promise<readonly IsolationRow[]> {
  const apiServer = await TestApiServer.create();
  const env = {
    ...apiServer.env,
    PILOTFISH_ISOLATION_TIMEOUT_SECONDS: String(timeoutS),
    PILOTFISH_REWIND_WAIT_SECONDS: '0',
  };
  const pod = await TestPod.start({ ordinal: 0, env });
  try {
    await pod.bootstrap();
    const rows: IsolationRow[] = [];
    for (const semiSync of [false, true]) {
      await apiServer.listen(pod.paths.data);
      await pod.until('contact', ({ isolation }) => isolation.lastContactMsAgo < 2_000);
      const row = { semiSync, lastAcknowledgedS: await cutOff(pod, apiServer, semiSync) };
      rows.push(row);
      log(
        `${semiSync ? 'commits wait for a replica' : 'commits wait for nobody'}: last acknowledged ${row.lastAcknowledgedS.toFixed(2)} s after the cut (time-out ${timeoutS} s)`,
      );
    }
    return rows;
  } finally {
    await pod.close();
    await apiServer.close();
  }
}

/** Writes until the server is closed; seconds from the cut to the last acknowledgement. */
async function cutOff(pod: TestPod, apiServer: TestApiServer, semiSync: boolean): Promise<number> {
  const onOff = semiSync ? 'ON' : 'OFF';
  await pod.sql(
    'SET GLOBAL read_only = OFF',
    'CREATE DATABASE IF NOT EXISTS bench',
    'CREATE TABLE IF NOT EXISTS bench.t (id INT PRIMARY KEY AUTO_INCREMENT)',
    'SET GLOBAL rpl_semi_sync_source_wait_no_replica = ON',
    `SET GLOBAL rpl_semi_sync_source_enabled = ${onOff}`,
  );
  const writer = await MysqlSession.connect(pod.operator, { deadlineMs: 5_000 });
  const cutAt = performance.now();
  let lastAt = cutAt;
  await apiServer.close();
  const writing = (async () => {
    for (;;) {
      await writer.query('INSERT INTO bench.t VALUES ()', [], { deadlineMs: 60_000 });
      lastAt = performance.now();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  })().catch(() => undefined);
  await writing;
  writer.destroy();
  await eventually(
    async () => (await pod.sql<{ closed: number }>('SELECT @@super_read_only AS closed'))[0]?.closed === 1,
    {
      deadlineMs: 60_000,
      describe: 'it to be closed',
    },
  );
  return (lastAt - cutAt) / 1_000;
}
