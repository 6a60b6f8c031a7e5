import type { Contact, InstanceView } from '@pilotfish/topology';

/** What grows by itself from one answer to the next: whoever looks now and then sees it early enough. */
const ages: ReadonlySet<string> = new Set([
  'heartbeatAgeMs',
  'clockOffsetMs',
  'uptimeMs',
  'lastHeardMs',
  'replication',
]);

/** Whether one contact tells more than that time has passed since the other. GTID sets that did not change are the same object. */
export function isNews(now: Contact, before: Contact | undefined): boolean {
  if (now.kind !== 'observed' || before?.kind !== 'observed') return now.kind !== before?.kind;
  const { view } = now;
  const { view: old } = before;
  const replicates = (one: InstanceView): object => one.replication ?? {};
  return differ(view, old) || differ(replicates(view), replicates(old)) || differ(replicates(old), replicates(view));
}

function differ<Facts extends object>(a: Facts, b: Facts): boolean {
  const before = b as Readonly<Record<string, unknown>>;
  return Object.entries(a).some(([name, value]) => !ages.has(name) && value !== before[name]);
}
