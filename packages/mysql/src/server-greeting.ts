/** The oldest MySQL whose statements this package speaks. */
const oldest = { major: 8, minor: 4 } as const;

/** Payload of the first packet: protocol 10, then the version, ended by a zero. */
const payloadAt = 4;
const protocol = 10;

/**
 * Why a server that greets with this packet is none that we manage; undefined if it is one, or greets with something else
 * than a version. Looked at before the login: products of the same protocol differ in what their statements do.
 */
export function unsupportedGreeting(packet: Uint8Array): string | undefined {
  if (packet[payloadAt] !== protocol) return undefined;
  const end = packet.indexOf(0, payloadAt + 1);
  const version = Buffer.from(packet.subarray(payloadAt + 1, end)).toString('latin1');
  if (/mariadb/i.test(version)) return unsupported(`MariaDB (${version})`);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isServed = major > oldest.major || (major === oldest.major && minor >= oldest.minor);
  return isServed ? undefined : unsupported(`MySQL ${version}`);
}

const unsupported = (what: string): string =>
  `it is ${what}; MySQL ${String(oldest.major)}.${String(oldest.minor)} or later is managed`;
