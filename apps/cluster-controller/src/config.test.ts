import { expect, test } from '@jest/globals';
import { parseConfig } from '@pilotfish/service';
import { configSchema } from './config.ts';

const needed = {
  PILOTFISH_AGENT_IMAGE: 'a',
  PILOTFISH_EXPORTER_IMAGE: 'e',
  PILOTFISH_MYSQL_IMAGES: '{"default":"m:9.7"}',
};

test('three images are all that has to be given', () => {
  expect(parseConfig(configSchema, needed)).toMatchObject({
    PILOTFISH_MYSQL_IMAGES: { default: 'm:9.7' },
    PILOTFISH_WATCH_NAMESPACE: '',
    PILOTFISH_IMAGE_PULL_POLICY: 'IfNotPresent',
  });
});

test.each([
  ['PILOTFISH_MYSQL_IMAGES', 'mysql:9.7', /JSON/],
  ['PILOTFISH_MYSQL_IMAGES', '{"8.4":1}', /PILOTFISH_MYSQL_IMAGES/],
  ['PILOTFISH_IMAGE_PULL_POLICY', 'Sometimes', /PILOTFISH_IMAGE_PULL_POLICY/],
  ['PILOTFISH_AGENT_IMAGE', '', /PILOTFISH_AGENT_IMAGE: required/],
])('%s = %s is refused', (name, value, message) => {
  expect(() => parseConfig(configSchema, { ...needed, [name]: value })).toThrow(message);
});
