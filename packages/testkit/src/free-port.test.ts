import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { freePort } from './free-port.ts';

test('a port that was given out is kept from other test processes though nobody listens on it', async () => {
  const port = await freePort();
  const tryIt = `const s = require('node:dgram').createSocket('udp4');
    s.once('error', (e) => { console.log(e.code); }); s.bind(${port}, '127.0.0.1', () => { console.log('free'); s.close(); });`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', tryIt]);
  expect(stdout.trim()).toBe('EADDRINUSE');
});

test('no port is given out twice', async () => {
  const ports = await Promise.all(Array.from({ length: 200 }, freePort));
  expect(new Set(ports).size).toBe(200);
});
