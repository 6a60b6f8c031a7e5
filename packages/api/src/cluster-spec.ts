import { z } from 'zod';
import { maxReplicas } from './names.ts';
import { podSpec } from './pod-spec.ts';
import { replication } from './replication-spec.ts';
import { boundedInteger, patternString, withRules } from './rule.ts';
import { volumeSpec } from './volume-spec.ts';

/** Largest server_id MySQL knows. */
const maxServerId = 2 ** 32 - 1;

const confKey = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/;

const confValue = withRules(
  z.union([z.int(), z.string().max(4096)]).meta({ 'x-kubernetes-int-or-string': true, maxLength: 4096 }),
  [
    {
      cel: "type(self) != string || !self.matches('[\\\\r\\\\n\\\\x00]')",
      message: 'a value of mysqlConf is one line: remove the line break',
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the point of the rule
      holds: (value) => typeof value !== 'string' || !/[\r\n\x00]/.test(value),
    },
  ],
);

const mysqlConf = withRules(
  z.record(z.string().max(128), confValue).meta({
    description: "Lines of my.cnf's [mysqld] section. They win over the operator's, however the name is spelled.",
    maxProperties: 256,
  }),
  [
    {
      cel: `self.all(key, key.matches('${confKey.source}'))`,
      message:
        'the keys of mysqlConf are names of mysqld options: letters, digits, dashes, dots and underscores, beginning with a letter',
      holds: (value) => Object.keys(value).every((key) => confKey.test(key)),
    },
  ],
);

const minAvailable = withRules(
  z.union([z.int(), z.string().max(16)]).meta({
    'x-kubernetes-int-or-string': true,
    maxLength: 16,
    description:
      'Instances that must stay up when nodes are drained: a percentage or a number. Default: 50% for more than one replica, no PodDisruptionBudget for one.',
  }),
  [
    {
      cel: "type(self) == string ? self.matches('^([0-9]{1,2}%|100%|[0-9]{1,4})$') : self >= 0",
      message: 'minAvailable is a percentage such as 50% or a number of instances such as 1',
      holds: (value) => (typeof value === 'string' ? /^([0-9]{1,2}%|100%|[0-9]{1,4})$/.test(value) : value >= 0),
    },
  ],
);

const secretNameMissing =
  'secretName is missing: name a Secret of this namespace that has the key ROOT_PASSWORD (optional: USER, PASSWORD, DATABASE)';

const secretName = z
  .string({ error: (issue) => (issue.input === undefined ? secretNameMissing : undefined) })
  .max(63)
  .meta({
    description:
      'Secret of the same namespace with the key ROOT_PASSWORD, and optionally USER, PASSWORD and DATABASE, which are created with the cluster. Required.',
    'x-pilotfish-required-by-rule': true,
  });

const secretNamePattern = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

const hasClaim = (self: string): string => `(has(${self}.volumeSpec) && has(${self}.volumeSpec.persistentVolumeClaim))`;
const hasHostPath = (self: string): string => `(has(${self}.volumeSpec) && has(${self}.volumeSpec.hostPath))`;

export const clusterSpec = withRules(
  z.object({
    secretName,
    replicas: boundedInteger(
      { min: 0, max: maxReplicas },
      `replicas is a number between 0 and ${String(maxReplicas)}: 1 for a single instance, 3 for one that survives the loss of a node, 0 to stop MySQL and keep its volume`,
    )
      .optional()
      .meta({ description: 'Number of MySQL instances: one primary, the others replicas. Default: 1.' }),
    mysqlVersion: patternString(
      64,
      /^[0-9]{1,3}(\.[0-9]{1,3}){0,2}(-[0-9A-Za-z.-]+)?$/,
      'mysqlVersion is a version number in quotes, such as "8.4" or "9.7.0"',
    )
      .optional()
      .meta({
        description:
          "Chooses the image of mysqld among those the operator is configured with. Default: the operator's.",
      }),
    image: patternString(
      512,
      /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/,
      'image is the name of a container image, such as docker.io/library/mysql:9.7',
    )
      .optional()
      .meta({ description: 'Image of mysqld; overrides the one of mysqlVersion.' }),
    mysqlConf: mysqlConf.optional(),
    podSpec: podSpec.optional().meta({ description: 'Settings of the pods.' }),
    volumeSpec: volumeSpec.optional().meta({
      description: 'Where the data is kept. Default: an emptyDir, whose data is gone with the pod.',
    }),
    readOnly: z
      .boolean()
      .optional()
      .meta({ description: 'No instance accepts writes; replication goes on. Default: false.' }),
    maxSlaveLatency: boundedInteger(
      { min: 1, max: 2 ** 31 - 1, format: 'int64' },
      'maxSlaveLatency is a number of seconds of 1 or more',
    )
      .optional()
      .meta({
        description: 'A replica more seconds than this behind gets no reads through the Services. Default: 30.',
      }),
    minAvailable: minAvailable.optional(),
    serverIDOffset: boundedInteger(
      { min: 1, max: maxServerId - maxReplicas, format: 'int64' },
      `serverIDOffset is a number between 1 and ${String(maxServerId - maxReplicas)}: the server_id of an instance is this plus its ordinal`,
    )
      .optional()
      .meta({ description: 'server_id of an instance = this + its ordinal. Default: 100.' }),
    replication: replication
      .optional()
      .meta({ description: 'What an acknowledged write is worth, and what happens when the primary fails.' }),
  }),
  [
    {
      cel: 'has(self.secretName) && size(self.secretName) > 0',
      message: secretNameMissing,
      holds: (spec) => spec.secretName.length > 0,
      fieldPath: '.secretName',
      reason: 'FieldValueRequired',
    },
    {
      cel: `!has(self.secretName) || size(self.secretName) == 0 || self.secretName.matches('${secretNamePattern.source}')`,
      message: 'secretName is the name of a Secret: lower case letters, digits, dashes and dots',
      holds: (spec) => spec.secretName.length === 0 || secretNamePattern.test(spec.secretName),
      fieldPath: '.secretName',
    },
  ],
  [
    {
      cel: `${hasClaim('self')} == ${hasClaim('oldSelf')} && ${hasHostPath('self')} == ${hasHostPath('oldSelf')}`,
      message:
        'the kind of the data volumes (persistentVolumeClaim, hostPath, emptyDir) cannot change once the cluster exists: create a new cluster and move the data there',
    },
  ],
);

export type MysqlClusterSpec = z.output<typeof clusterSpec>;
