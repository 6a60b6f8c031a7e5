import { parseArgs } from 'node:util';
import { logLevels } from '@pilotfish/service';
import { z } from 'zod';

export const help = `npm run engine -- --inventory FILE --state DIR [OPTION ...]

Looks after the replication of plain MySQL servers, without Kubernetes: failover, repair, switchover.

  --inventory FILE   the clusters and their servers, as YAML (docs/standalone.md); read again when it changes
  --state DIR        what must outlive this process: the recorded topology of each cluster; one engine at a time
  --http HOST:PORT   the API, /healthz, /readyz and /metrics; 127.0.0.1:8081 unless given
  --token-file FILE  holds the token of the API; unless given one is made, kept in DIR/token, and printed
  --nats URL         servers of NATS for events, comma separated; none unless given
  --log-level LEVEL  ${logLevels.join(', ')}; info unless given
  --help             this

Exit codes: 0 asked to stop, 1 failed, 2 bad arguments, inventory or token, or another engine works with DIR.
`;

const address = z
  .string()
  .regex(/^[^\s:]+:\d{1,5}$|^\[[0-9a-f:]+\]:\d{1,5}$/i, 'expected HOST:PORT')
  .transform((text) => {
    const colon = text.lastIndexOf(':');
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
  })
  .refine(({ port }) => port <= 65_535, 'expected a port up to 65535');

const schema = z.object({
  inventory: z.string({ error: 'required' }).min(1),
  state: z.string({ error: 'required' }).min(1),
  http: address.prefault('127.0.0.1:8081'),
  'token-file': z.string().min(1).optional(),
  nats: z.string().default(''),
  'log-level': z.enum(logLevels, { error: `expected one of ${logLevels.join(', ')}` }).default('info'),
});

export type StandaloneOptions = z.output<typeof schema>;

/** The arguments could not be understood; the message is for a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @returns 'help' if that was asked for. @throws UsageError */
export function parseOptions(args: readonly string[]): StandaloneOptions | 'help' {
  const text = { type: 'string' } as const;
  const options = { inventory: text, state: text, http: text, 'token-file': text, nats: text, 'log-level': text };
  const values = (() => {
    try {
      return parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean' } } }).values;
    } catch (error: unknown) {
      throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
    }
  })();
  if (values.help) return 'help';
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new UsageError(parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'));
}
