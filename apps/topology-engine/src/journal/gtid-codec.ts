import { GtidSet } from '@pilotfish/gtid';
import { z } from 'zod';

/** A GTID set, written as MySQL writes it. */
export const gtidSet = z.codec(
  z.string(),
  z.custom<GtidSet>((value) => value instanceof GtidSet),
  {
    decode: (text, context) => {
      try {
        return GtidSet.parse(text);
      } catch {
        context.issues.push({ code: 'custom', input: text, message: 'not a GTID set' });
        return z.NEVER;
      }
    },
    encode: (set) => set.toString(),
  },
);
