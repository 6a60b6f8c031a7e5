import { expect, test } from '@jest/globals';
import { isMountedReadOnly } from './disk.ts';

const mounts = `overlay / overlay ro,relatime 0 0
/dev/sda /var/lib/mysql ext4 rw,relatime 0 0
/dev/sdb /var/lib/mysql-other ext4 ro 0 0
/dev/sdc /mnt/a\\040b xfs ro,nosuid 0 0
/dev/sdd /twice ext4 rw 0 0
/dev/sde /twice ext4 ro 0 0
`;

test.each([
  ['/var/lib/mysql', false],
  ['/var/lib/mysql/data', false],
  ['/var/lib/mysql-other', true],
  ['/etc', true],
  ['/mnt/a b/c', true],
  ['/twice', true],
])('%s is on a read-only mount: %s', (path, readOnly) => {
  expect(isMountedReadOnly(mounts, path)).toBe(readOnly);
});
