import type { ResolvedSpec } from '@pilotfish/api';
import {
  formatMysqlVersion,
  isAtLeast,
  type MysqlVersion,
  oldestVersion,
  parseMysqlVersion,
  versionOfImage,
} from '../my-cnf/mysql-version.ts';
import type { Problem } from './problem.ts';

/** What mysqld runs from. */
export interface MysqlImage {
  readonly image: string;
  /** Undefined when neither the spec nor the image's tag tells; that counts as the newest. */
  readonly version: MysqlVersion | undefined;
  /** Percona Server has options of its own. Told by the name, so a mirror has to keep that part of it. */
  readonly percona: boolean;
}

/** Images by version. The key `default` is for clusters that name no version. */
export type ImageTable = Readonly<Record<string, string>>;

/**
 * spec.image wins; otherwise mysqlVersion is looked up as it is, then as `major.minor`; without one it is the default.
 */
export function resolveMysqlImage(
  spec: Pick<ResolvedSpec, 'image' | 'mysqlVersion'>,
  images: ImageTable,
): MysqlImage | Problem {
  const image = spec.image ?? lookUp(spec.mysqlVersion, images);
  if (image === undefined) return unknownVersion(spec.mysqlVersion, images);
  const version = versionOf(spec.mysqlVersion, image);
  if (!isAtLeast(version, oldestVersion)) {
    const oldest = formatMysqlVersion(oldestVersion);
    return {
      reason: 'UnknownVersion',
      message: `MySQL ${version === undefined ? '' : formatMysqlVersion(version)} is too old: set mysqlVersion and image to ${oldest} or newer.`,
      blocks: 'stateful-set',
    };
  }
  return { image, version, percona: image.includes('percona') };
}

function lookUp(version: string | undefined, images: ImageTable): string | undefined {
  if (version === undefined) return images.default;
  const alias = version.split('.', 2).join('.');
  return [version, alias].map((key) => (Object.hasOwn(images, key) ? images[key] : undefined)).find((image) => image);
}

/** A version such as `8.4` says too little for the options of mysqld; the tag of the image may say more. */
function versionOf(given: string | undefined, image: string): MysqlVersion | undefined {
  const tagged = versionOfImage(image);
  if (given === undefined) return tagged;
  const parsed = parseMysqlVersion(given);
  const exact = given.split('.').length >= 3;
  if (exact || tagged === undefined || parsed === undefined) return exact ? parsed : latestOf(parsed);
  return tagged[0] === parsed[0] && tagged[1] === parsed[1] ? tagged : latestOf(parsed);
}

/** `8.0` means some recent 8.0. */
function latestOf(version: MysqlVersion | undefined): MysqlVersion | undefined {
  return version === undefined ? undefined : [version[0], version[1], 99];
}

function unknownVersion(version: string | undefined, images: ImageTable): Problem {
  const known = Object.keys(images).filter((key) => key !== 'default');
  const list = known.length > 0 ? known.sort(byVersion).join(', ') : 'none';
  const what =
    version === undefined
      ? 'mysqlVersion is not set and the operator has no default image.'
      : `No image is configured for mysqlVersion ${version}.`;
  return {
    reason: 'UnknownVersion',
    message: `${what} Known versions: ${list}. Use one of these, or set spec.image.`,
    blocks: 'stateful-set',
  };
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
