import { createEvent, type DomainEvent, type EventData, type EventName } from '@pilotfish/events';

/** An event of cluster shop/orders for tests; `sequence` makes it a fact of its own. */
export function eventOf<Name extends EventName>(
  name: Name,
  data: EventData<Name>,
  sequence: number | string = 1,
): DomainEvent<Name> {
  return createEvent({
    name,
    source: { service: 'topology-engine', pod: 'engine-0' },
    cluster: { namespace: 'shop', name: 'orders', uid: 'a-uid' },
    occurrence: { sequence },
    time: new Date('2026-11-24T10:15:00.212Z'),
    data,
  });
}

export function openedEvent(epoch: number): DomainEvent<'primary-opened'> {
  const data = { primary: 'orders-mysql-1', epoch, previous: 'orders-mysql-0', kind: 'failover' } as const;
  return eventOf('primary-opened', data, epoch);
}
