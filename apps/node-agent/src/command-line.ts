export type Command = 'init' | 'serve';

export const usage = `Usage: node-agent <command> [--help]

The part of Pilotfish that runs beside each mysqld.

Commands:
  init    lays out /etc/mysql for the other containers of the pod, then ends
  serve   looks after mysqld: provisioning, fencing, isolation watch, heartbeat, HTTP

Exit codes: 0 done, 1 failed, 2 bad use or configuration.
"node-agent <command> --help" lists the environment variables of a command.
`;

/** What was asked for; `undefined` is bad use. */
export function parseCommandLine(argv: readonly string[]): { readonly command: Command } | 'help' | undefined {
  const help = argv.includes('--help');
  const [command, ...rest] = argv.filter((argument) => argument !== '--help');
  if (command === undefined && help) return 'help';
  if ((command !== 'init' && command !== 'serve') || rest.length > 0) return undefined;
  return { command };
}
