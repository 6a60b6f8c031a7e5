import type { InstanceEvidence } from './snapshot.ts';

/**
 * Sees to it that a server is taken for an instance only if it is that instance: by its server_uuid. Another server at the
 * address (a pod's IP given to somebody else, a wrong line in an inventory) becomes an `impostor`, which nothing counts,
 * promotes, copies over or kills. Two kinds of servers may have a new server_uuid: a blank one, which lost its data directory,
 * and one whose own agent is there and says that it belongs to this pod (`vouched`), which was restored or rewound.
 */
export function identify(
  instances: readonly InstanceEvidence[],
  identities: Readonly<Record<string, string>>,
  vouched: (name: string) => boolean,
): readonly InstanceEvidence[] {
  return instances.map((instance) => {
    const { contact, name } = instance;
    const expected = identities[name];
    if (contact.kind !== 'observed' || expected === undefined) return instance;
    const { serverUuid, executed } = contact.view;
    if (serverUuid === expected || executed.isEmpty() || vouched(name)) return instance;
    return { ...instance, contact: { kind: 'impostor', serverUuid, expected, ageMs: contact.ageMs } };
  });
}
