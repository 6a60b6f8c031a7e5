import { createHash } from 'node:crypto';

/** Stands for a text where many long ones are kept only to be compared. */
export function listDigest(text: string): string {
  return createHash('sha1').update(text).digest('base64');
}
