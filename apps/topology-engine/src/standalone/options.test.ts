import { expect, test } from '@jest/globals';
import { parseOptions } from './options.ts';

test('arguments are read, with their defaults', () => {
  expect(parseOptions(['--inventory', 'a.yaml', '--state', '/s'])).toEqual({
    inventory: 'a.yaml',
    state: '/s',
    http: { host: '127.0.0.1', port: 8081 },
    nats: '',
    'log-level': 'info',
  });
  expect(parseOptions(['--inventory', 'a', '--state', 's', '--http', '[::1]:0'])).toMatchObject({
    http: { host: '::1', port: 0 },
  });
  expect(parseOptions(['--help'])).toBe('help');
});

test.each([
  [[], '--inventory: required\n--state: required'],
  [['--inventory', 'a', '--state', 's', '--http', '8081'], '--http: expected HOST:PORT'],
  [['--inventory', 'a', '--state', 's', '--log-level', 'loud'], '--log-level: expected one of'],
  [['--no-such'], "Unknown option '--no-such'"],
])('what can not be meant is refused (%#)', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});
