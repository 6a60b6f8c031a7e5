import { z } from 'zod';
import { storageQuantity } from './quantity.ts';
import { withRules } from './rule.ts';

const storage = z.object({
  storage: storageQuantity.optional().meta({ description: 'Size of each volume. Default: 1Gi for requests.' }),
});

const labelSelector = z.looseObject({}).meta({ description: 'Chooses among volumes that exist already, by label.' });

/**
 * CEL that is true while a field, or its default where it is absent, stays what it was. Written with has(), because the
 * API server cannot bound the cost of optional types (`self.?field.orValue(…)`).
 */
function unchanged(path: string, defaultValue: string): string {
  const steps = path.split('.').map((_, index, names) => names.slice(0, index + 1).join('.'));
  const value = (root: string): string => {
    const present = steps.map((step) => `has(${root}.${step})`).join(' && ');
    return `(${present} ? ${root}.${path} : ${defaultValue})`;
  };
  return `${value('self')} == ${value('oldSelf')}`;
}

const persistentVolumeClaim = withRules(
  z
    .object({
      accessModes: z
        .array(z.enum(['ReadWriteOnce', 'ReadWriteOncePod', 'ReadWriteMany']))
        .max(3)
        .optional()
        .meta({ description: 'Default: ReadWriteOnce.', 'x-kubernetes-list-type': 'atomic' }),
      resources: z
        .object({ requests: storage.optional(), limits: storage.optional() })
        .optional()
        .meta({ description: 'Size of the volume of each instance.' }),
      storageClassName: z
        .string()
        .max(253)
        .optional()
        .meta({ description: "StorageClass of the volumes. Default: the Kubernetes cluster's default class." }),
      volumeMode: z.enum(['Filesystem']).optional().meta({ description: 'MySQL needs a file system.' }),
      selector: labelSelector.optional(),
    })
    .meta({ description: 'A volume of its own for each instance; this is what to use for data that matters.' }),
  [],
  [
    {
      cel: unchanged('storageClassName', "''"),
      message:
        'storageClassName cannot change: volumes do not move between classes. Create a new cluster with the other class and move the data there',
      fieldPath: '.storageClassName',
    },
    {
      cel: `${unchanged('resources.requests.storage', "'1Gi'")} && ${unchanged('resources.limits.storage', "''")}`,
      message:
        'the size of the volumes cannot change through the cluster yet. To grow them, edit resources.requests.storage of each PersistentVolumeClaim data-<cluster>-mysql-<n> (its StorageClass must allow expansion)',
      fieldPath: '.resources',
    },
    {
      cel: `${unchanged('accessModes', "['ReadWriteOnce']")} && has(self.selector) == has(oldSelf.selector)`,
      message: 'accessModes and selector cannot change once the volumes exist: create a new cluster instead',
    },
  ],
);

const hostPath = z
  .object({
    path: z.string().max(4096).meta({ description: 'Directory on the node.' }),
    type: z.string().max(32).optional().meta({ description: 'Kubernetes check of the path, e.g. DirectoryOrCreate.' }),
  })
  .meta({ description: 'A directory of the node. The data stays behind when a pod moves.' });

const emptyDir = z
  .object({
    medium: z.enum(['', 'Memory']).optional().meta({ description: 'Memory keeps the data in RAM.' }),
    sizeLimit: storageQuantity.optional().meta({ description: 'The pod is evicted above this.' }),
  })
  .meta({ description: 'Scratch space that is gone with the pod: for tests only.' });

const kinds = ['persistentVolumeClaim', 'hostPath', 'emptyDir'] as const;

export const volumeSpec = withRules(
  z.object({
    persistentVolumeClaim: persistentVolumeClaim.optional(),
    hostPath: hostPath.optional(),
    emptyDir: emptyDir.optional(),
    keepAfterDelete: z.boolean().optional().meta({
      description: 'Keep the volumes when the cluster is deleted or instances are removed. Default: false.',
    }),
  }),
  [
    {
      cel: `[${kinds.map((name) => `has(self.${name})`).join(', ')}].filter(present, present).size() <= 1`,
      message: 'volumeSpec holds one of persistentVolumeClaim, hostPath and emptyDir: remove the others',
      holds: (value) => kinds.filter((name) => value[name] !== undefined).length <= 1,
    },
  ],
);

export type VolumeSpec = z.output<typeof volumeSpec>;
export type PersistentVolumeClaimSpec = z.output<typeof persistentVolumeClaim>;
