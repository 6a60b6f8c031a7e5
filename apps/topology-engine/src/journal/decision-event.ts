import type { EventData } from '@pilotfish/events';
import { encodeEntry, type JournalEntry } from './journal-entry.ts';

/** What the entry may take of an event; quoting it doubles the half of it that is quotes. */
const maxEntryBytes = 24 * 1024;

/**
 * An entry as the event `decision-made` carries it: whole, as one text. One that is too large is left out, and the payload
 * says so by a line for each instance in its place.
 */
export function decisionEvent(entry: JournalEntry): EventData<'decision-made'> {
  const { engine, epoch, decision, ended, snapshot } = entry;
  const text = JSON.stringify(encodeEntry(entry));
  const fits = Buffer.byteLength(text) <= maxEntryBytes;
  return {
    engine,
    epoch,
    state: decision.state,
    plan: decision.plan?.kind ?? '',
    hold: decision.hold?.reason ?? '',
    because: decision.because ?? '',
    outcome: ended === undefined ? '' : ended.ok ? 'done' : (ended.reason ?? 'failed'),
    entry: fits ? text : '',
    digest: fits ? [] : snapshot.instances.slice(0, 32).map(({ name, contact }) => `${name}: ${contact.kind}`),
  };
}
