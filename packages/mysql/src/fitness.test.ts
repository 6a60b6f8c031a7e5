import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkLeaks } from '@pilotfish/testkit';
import { missingSettings } from './index.ts';
import { closeServers, deadline, startServer } from './test-servers.ts';

checkLeaks({ beforeAll, afterAll });

test("a server with the operator's settings lacks nothing; of another each line is named", async () => {
  const fit = await startServer({ serverId: 1 });
  const unfit = await startServer({
    serverId: 2,
    settings: {
      log_replica_updates: false,
      gtid_mode: 'OFF',
      plugin_load_add: 'semisync_source.so',
      rpl_semi_sync_replica_enabled: null,
    },
  });
  try {
    expect(await missingSettings(fit.session, deadline)).toEqual([]);
    expect(await missingSettings(unfit.session, deadline)).toEqual([
      'gtid_mode=ON',
      'log_replica_updates=ON',
      'plugin_load_add=semisync_replica.so',
    ]);
  } finally {
    await closeServers([fit, unfit]);
  }
}, 120_000);
