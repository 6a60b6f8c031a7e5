import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheKey } from './cache.ts';
import { sidPackages } from './debian-packages.ts';

/** A program of MySQL and the folder below usr that Debian puts it in. */
const folders = { mysqld: 'sbin', mysql: 'bin', mysqladmin: 'bin', mysqlbinlog: 'bin', mysqldump: 'bin' } as const;

/** What only the server understands, and finds by an absolute path unless told. */
const serverFlags = (root: string): string =>
  `--basedir=${root}/usr --plugin-dir=${root}/usr/lib/mysql/plugin --lc-messages-dir=${root}/usr/share/mysql --secure-file-priv=`;

/**
 * A wrapper that runs sid's MySQL on the host's older Debian: through sid's own dynamic loader, with sid's libraries.
 * It becomes the program (exec), so signals and exit codes are the program's own.
 */
export function mysqlProgram(name: keyof typeof folders): () => Promise<string> {
  return async () => {
    const root = await sidPackages(['mysql-server-core', 'mysql-client-core'], { dependencies: true });
    const text = wrapper(root, name);
    const directory = await cached(name, cacheKey(text), (directory) => {
      writeFileSync(join(directory, name), text, { mode: 0o755 });
    });
    return join(directory, name);
  };
}

function wrapper(root: string, program: keyof typeof folders): string {
  const libraries = ['usr/lib/x86_64-linux-gnu', 'usr/lib/mysql/private'].map((path) => join(root, path)).join(':');
  const flags = program === 'mysqld' ? serverFlags(root) : `--character-sets-dir=${root}/usr/share/mysql/charsets`;
  // The flags come last: --defaults-file and --no-defaults must come first.
  // MYSQL_PRELOAD instead of LD_PRELOAD: sid's libraries are not for the host's shell.
  return `#!/bin/sh
exec ${root}/usr/lib64/ld-linux-x86-64.so.2 --library-path ${libraries} \${MYSQL_PRELOAD:+--preload "$MYSQL_PRELOAD"} ${root}/usr/${folders[program]}/${program} "$@" ${flags}
`;
}
