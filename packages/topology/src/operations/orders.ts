/** Orders given at run time, as recorded in `status.topology.orders`. Times are ISO 8601. */
export interface Orders {
  readonly paused?: { readonly by: string; readonly reason: string; readonly until?: string | undefined } | undefined;
  readonly acknowledged?: { readonly by: string; readonly epoch: number; readonly at: string } | undefined;
  readonly instances: readonly InstanceOrders[];
}

export interface InstanceOrders {
  readonly name: string;
  readonly promotionRule?: 'prefer' | 'neutral' | 'preferNot' | 'mustNot' | undefined;
  readonly downtime?: { readonly by: string; readonly reason: string; readonly until: string } | undefined;
  readonly fenced?: { readonly by: string; readonly reason: string; readonly since: string } | undefined;
  readonly follows?: string | undefined;
}

type Change<Of> = { readonly [Field in keyof Of]?: Of[Field] | null };

/** What to change; null takes an order back. */
export interface OrdersChange extends Change<Omit<Orders, 'instances'>> {
  readonly instances?: readonly (Change<Omit<InstanceOrders, 'name'>> & { readonly name: string })[];
}

/** The orders after a change. What says nothing about an instance any more is left out. */
export function changeOrders(current: Orders | undefined, change: OrdersChange): Orders {
  const { instances: changes = [], ...others } = change;
  const before = current?.instances ?? [];
  const names = new Set([...before, ...changes].map(({ name }) => name));
  const instances = [...names]
    .sort()
    .map((name) => ({
      ...withChange(
        before.find((one) => one.name === name) ?? { name },
        changes.find((one) => one.name === name) ?? {},
      ),
    }))
    .filter((orders) => Object.keys(orders).length > 1);
  return { ...withChange(current ?? { instances: [] }, others), instances };
}

function withChange<Of extends object>(current: Of, change: object): Of {
  const merged = Object.entries({ ...current, ...change });
  return Object.fromEntries(merged.filter(([, value]) => value !== null && value !== undefined)) as Of;
}
