import { GtidParseError, GtidSet } from '@pilotfish/gtid';
import * as z from 'zod';

/** A GTID set as text, read. */
export const gtidSet = z.string().transform((text, context): GtidSet => {
  try {
    return GtidSet.parse(text);
  } catch (error: unknown) {
    if (!(error instanceof GtidParseError)) throw error;
    context.issues.push({ code: 'custom', input: text.slice(0, 100), message: error.message });
    return z.NEVER;
  }
});
