/** A version of mysqld, compared number by number. */
export type MysqlVersion = readonly [major: number, minor: number, patch: number];

/** The oldest one that has all that replication needs here: CLONE and semi-sync under the names source and replica. */
export const oldestVersion: MysqlVersion = [8, 0, 26];

/** `9.7.0`, `8.4` (missing parts count as 0) or either with a suffix such as `-el9`; undefined for anything else. */
export function parseMysqlVersion(text: string): MysqlVersion | undefined {
  const match = /^(\d{1,3})(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?(?:[-.+].*)?$/.exec(text);
  if (match === null) return undefined;
  const [, major, minor = '0', patch = '0'] = match;
  return [Number(major), Number(minor), Number(patch)];
}

/** The version that an image's tag tells: `mysql:9.7.0-oracle`; undefined for `latest`, a digest, or no tag. */
export function versionOfImage(image: string): MysqlVersion | undefined {
  const tag = /:([^:/@]+)(?:@.*)?$/.exec(image)?.[1];
  return tag !== undefined && /^\d+\.\d+/.test(tag) ? parseMysqlVersion(tag) : undefined;
}

export function formatMysqlVersion(version: MysqlVersion): string {
  return version.join('.');
}

/** An unknown version counts as the newest there is. */
export function isAtLeast(version: MysqlVersion | undefined, than: MysqlVersion): boolean {
  if (version === undefined) return true;
  for (const [index, number] of version.entries()) {
    const other = than[index] ?? 0;
    if (number !== other) return number > other;
  }
  return true;
}
