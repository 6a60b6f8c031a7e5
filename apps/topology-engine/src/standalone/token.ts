import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const shortest = 16;

const token = z.string().regex(/^\S{16,8192}$/, `expected one word of ${String(shortest)} characters or more`);

export interface ApiToken {
  readonly token: string;
  /** Where it stands. */
  readonly file: string;
}

/** The token of that file. @throws Error with a sentence */
export async function readToken(file: string): Promise<ApiToken> {
  const parsed = token.safeParse((await readFile(file, 'utf8')).trim());
  if (parsed.success) return { token: parsed.data, file };
  throw new Error(`bad token ${file}: ${parsed.error.issues.map(({ message }) => message).join('; ')}`);
}

/** The token that is kept in the state directory, made when there is none; for the owner's eyes only. */
export async function keptToken(state: string): Promise<ApiToken> {
  const file = join(state, 'token');
  try {
    const made = randomBytes(24).toString('base64url');
    await writeFile(file, `${made}\n`, { mode: 0o600, flag: 'wx' });
    return { token: made, file };
  } catch (error: unknown) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return await readToken(file);
    throw error;
  }
}
