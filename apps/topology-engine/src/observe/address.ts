/** Servers are told apart by host and port: several may run on one machine. */
export function addressOf(host: string, port: number): string {
  return `${host}:${String(port)}`;
}
