/**
 * mysqld reads `Innodb_Buffer_Pool_Size`, `innodb-buffer-pool-size` and `loose-innodb_buffer_pool_size` as the same option,
 * and options that had `slave` or `master` in their name go on under another. One spelling for all of them, so that
 * what a user sets replaces what the operator sets, whichever way either is written.
 */
export function canonicalName(name: string): string {
  const dashed = name
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^loose-/, '');
  if (keptNames.has(dashed)) return dashed;
  return dashed
    .split('-')
    .map((word) => renamedWords[word] ?? word)
    .join('-');
}

const renamedWords: Readonly<Record<string, string>> = { slave: 'replica', master: 'source' };

/** Gone together with their old name. */
const keptNames: ReadonlySet<string> = new Set(['master-info-repository', 'master-info-file', 'master-retry-count']);
