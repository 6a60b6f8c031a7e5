import { KubeError } from './kube-error.ts';
import type { KubeObject } from './kube-object.ts';
import { linkedAbort } from './linked-abort.ts';
import { type Transport, toKubeError } from './transport.ts';

export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** Nothing changed up to this resourceVersion. */
  | { readonly type: 'BOOKMARK'; readonly object: KubeObject }
  /** The server gives up; `object` is a Status. */
  | { readonly type: 'ERROR'; readonly object: unknown };

export interface WatchTiming {
  readonly signal: AbortSignal;
  readonly stallMs: number;
}

/** The first answer of a watch comes at once; waiting longer means nobody answers. */
const headersTimeoutMs = 30_000;

/**
 * The events of one watch request. Ends when the server ends it; rejects with KubeError when it cannot be opened, breaks
 * or brings nothing for `stallMs`, and with the signal's reason when that is aborted.
 */
export async function* openWatch<T extends KubeObject>(
  transport: Transport,
  path: string,
  { signal, stallMs }: WatchTiming,
): AsyncGenerator<WatchEvent<T>> {
  const link = linkedAbort(signal);
  const stalled = () =>
    link.abort(new KubeError({ status: 0, reason: 'Stalled', message: `WATCH ${path}: nothing for ${stallMs} ms` }));
  let timer = setTimeout(stalled, stallMs);
  try {
    const body = await transport.stream(path, link.signal, headersTimeoutMs);
    for await (const line of splitLines(touching(body))) yield parseEvent<T>(line, path);
  } catch (error) {
    throw toKubeError(error, `WATCH ${path}`, link.signal);
  } finally {
    clearTimeout(timer);
    // Also when the consumer stops early: the connection must not stay open behind it.
    link.abort(new Error('watch ended'));
    link.dispose();
  }

  async function* touching(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      clearTimeout(timer);
      timer = setTimeout(stalled, stallMs);
      yield chunk;
    }
  }
}

const newline = 0x0a;

/** Lines without their ends. A last line without an end was cut off, and is left out. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      pending.push(chunk.subarray(from, at));
      const line = Buffer.concat(pending).toString('utf8');
      pending = [];
      from = at + 1;
      if (line !== '') yield line;
    }
    if (from < chunk.length) pending.push(chunk.subarray(from));
  }
}

function parseEvent<T extends KubeObject>(line: string, path: string): WatchEvent<T> {
  try {
    return JSON.parse(line) as WatchEvent<T>;
  } catch (error) {
    const message = `WATCH ${path}: a line of ${line.length} characters is no JSON`;
    throw new KubeError({ status: 0, reason: 'BadResponse', message, cause: error });
  }
}
