import { anyClusterLabels, headlessServiceName } from '@pilotfish/api';
import type { Service } from '@pilotfish/kube';

/** A Service that the cluster needs exists already and leads somewhere else. */
export class ServiceNameTakenError extends Error {
  override readonly name = 'ServiceNameTakenError';
}

/**
 * The headless Service belongs to no cluster, so there is no owner to tell it from a stranger of the same name: it is ours if
 * it selects what ours does.
 * @throws ServiceNameTakenError
 */
export function assertHeadlessIsOurs({ metadata, spec }: Service): void {
  const selector = spec.selector ?? {};
  const ours = Object.entries(anyClusterLabels()).every(([key, value]) => selector[key] === value);
  if (ours && spec.clusterIP === 'None') return;
  throw new ServiceNameTakenError(
    `The Service ${headlessServiceName} in namespace ${metadata.namespace ?? ''} belongs to something else, and instances get their host names from a headless Service of that name. Rename or remove that Service, or create the cluster in another namespace.`,
  );
}
