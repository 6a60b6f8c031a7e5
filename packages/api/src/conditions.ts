import type { Condition, ConditionStatus } from './cluster-status.ts';

/** What a reason of a condition means, and what to do about it. */
export interface ReasonMeaning {
  readonly status: ConditionStatus;
  readonly meaning: string;
  /** Empty where there is nothing to do. */
  readonly remedy: string;
}

export interface ConditionMeaning {
  readonly meaning: string;
  readonly writer: 'cluster-controller' | 'topology-engine' | 'service-syncer';
  readonly reasons: Readonly<Record<string, ReasonMeaning>>;
}

const nothing = '';
const waitOrLook = 'Wait; if it lasts, look at the pods that are not Ready (kubectl describe pod).';

/** Every condition of a MysqlCluster with every reason it can have. Generates the reference; the services take names from here. */
export const conditionVocabulary = {
  Ready: {
    meaning: 'All instances run, replicate, and there is a primary unless the cluster is read-only or has no replicas.',
    writer: 'cluster-controller',
    reasons: {
      ClusterReady: { status: 'True', meaning: 'Everything is as the spec says.', remedy: nothing },
      StatefulSetNotReady: {
        status: 'False',
        meaning: 'Fewer pods are Ready than spec.replicas asks for.',
        remedy: waitOrLook,
      },
      NotReplicating: {
        status: 'False',
        meaning: 'A replica does not replicate; the message names it.',
        remedy: 'Wait: it is attached or rebuilt by itself. status.topology.instances says what stands in the way.',
      },
      NoMaster: {
        status: 'False',
        meaning: 'No instance is open for writes.',
        remedy: 'Look at status.topology.hold, which says why no instance is promoted.',
      },
      ImagePullFailed: {
        status: 'False',
        meaning: 'The image of a container cannot be pulled.',
        remedy: 'Correct spec.image or spec.mysqlVersion, or add podSpec.imagePullSecrets.',
      },
      PodUnschedulable: {
        status: 'False',
        meaning: 'No node takes a pod of the cluster; the message is the one of the scheduler.',
        remedy: 'Add nodes, or lower podSpec.resources, or relax affinity, nodeSelector and tolerations.',
      },
      VolumePending: {
        status: 'False',
        meaning: 'The volume of an instance is not there yet.',
        remedy: 'Check that the StorageClass exists and provisions (kubectl describe pvc).',
      },
      VolumeFull: {
        status: 'False',
        meaning: 'The volume of an instance has no room left; mysqld waits or refuses to start.',
        remedy: 'Grow its PersistentVolumeClaim or free room; the instance goes on by itself.',
      },
      AccessDenied: {
        status: 'False',
        meaning: "An instance refuses the operator's password.",
        remedy:
          "Restore the Secret <cluster>-mysql-operated, or set the account's password in MySQL to the one in the Secret.",
      },
      InstanceFailing: {
        status: 'False',
        meaning: 'A container of an instance ends again and again; the message has its last words.',
        remedy: 'Read its log (kubectl logs <pod> -c mysql); a bad option in mysqlConf is the usual cause.',
      },
      InvalidSpec: {
        status: 'False',
        meaning: 'The spec is not valid, so nothing of it is applied. What runs goes on running.',
        remedy: 'See the condition ConfigurationValid.',
      },
    },
  },
  ConfigurationValid: {
    meaning: 'The spec, and the Secret and images it names, can be acted on.',
    writer: 'cluster-controller',
    reasons: {
      ConfigurationAccepted: { status: 'True', meaning: 'The spec is in force.', remedy: nothing },
      InvalidSpec: {
        status: 'False',
        meaning: 'A field of the spec breaks a rule; the message names it.',
        remedy: 'Correct the field. What runs goes on as it was.',
      },
      NameTooLong: {
        status: 'False',
        meaning: 'The host names of the instances would be longer than the 60 characters MySQL can store.',
        remedy: 'Create the cluster with a shorter name, or in a namespace with a shorter name.',
      },
      SecretNotFound: {
        status: 'False',
        meaning: 'The Secret of spec.secretName does not exist.',
        remedy: 'Create it with the key ROOT_PASSWORD; the cluster starts by itself.',
      },
      SecretKeyMissing: {
        status: 'False',
        meaning: 'The Secret of spec.secretName has no (or an empty) ROOT_PASSWORD.',
        remedy: 'Add the key; the cluster starts by itself.',
      },
      UnknownVersion: {
        status: 'False',
        meaning: 'No image is configured for spec.mysqlVersion.',
        remedy: 'Use a version that the message lists, or set spec.image.',
      },
      ServiceNameTaken: {
        status: 'False',
        meaning: 'A Service the cluster needs exists already and belongs to something else.',
        remedy: 'Rename or remove that Service.',
      },
      ObjectRefused: {
        status: 'False',
        meaning: 'Kubernetes refuses an object made from the spec; the message is its own.',
        remedy: 'Correct the part of the spec that the message is about. Everything else is applied.',
      },
    },
  },
  FailoverInProgress: {
    meaning: 'The primary is being replaced.',
    writer: 'topology-engine',
    reasons: {
      ClusterMasterHealthy: { status: 'False', meaning: 'The primary serves.', remedy: nothing },
      ClusterNotRunning: { status: 'False', meaning: 'The cluster has no running instance.', remedy: nothing },
      OrcFailoverInProgress: {
        status: 'True',
        meaning: 'The primary has failed and another instance is taking over.',
        remedy: 'Wait; it takes seconds. If it lasts, status.topology.operation says at which step it is.',
      },
      SwitchoverInProgress: {
        status: 'True',
        meaning: 'The primary hands over to another instance, as planned.',
        remedy: nothing,
      },
      PrimaryInTrouble: {
        status: 'False',
        meaning: 'The primary serves, and something keeps it from doing all it should; the message says what.',
        remedy: 'See the section of its reason (status.topology.hold) in the runbook "holds".',
      },
      FailoverHeld: {
        status: 'True',
        meaning: 'The primary has failed, and no instance can be promoted without risking data.',
        remedy:
          'Bring back an instance that the message names; the failover then goes on by itself. See the runbook "the primary is gone".',
      },
    },
  },
  PendingFailoverAck: {
    meaning: 'A recovery waits for somebody to acknowledge it.',
    writer: 'topology-engine',
    reasons: {
      NoPendingFailoverAckExists: { status: 'False', meaning: 'Nothing waits.', remedy: nothing },
      PendingFailoverAckExists: {
        status: 'True',
        meaning: 'The message lists the recoveries that wait.',
        remedy: 'Look into them and acknowledge them.',
      },
    },
  },
  Durable: {
    meaning: 'An acknowledged write survives the loss of any single instance.',
    writer: 'topology-engine',
    reasons: {
      AckSetInForce: {
        status: 'True',
        meaning: 'Each write is acknowledged by status.topology.ackSet.k replicas before the client hears of it.',
        remedy: nothing,
      },
      SingleInstance: {
        status: 'False',
        meaning: 'There is one instance, so there is one copy.',
        remedy: 'Set replicas to 2 or more; 3 keep writes safe while one is down.',
      },
      NoReplicaAcknowledges: {
        status: 'False',
        meaning: 'No replica can acknowledge, and dataDurability is preferred: writes go on unprotected.',
        remedy: 'Wait for the replicas to come back; set dataDurability: required where waiting is better.',
      },
      AsyncReplication: {
        status: 'False',
        meaning: 'spec.replication.mode is async: commits wait for nobody.',
        remedy: 'Set mode: semiSync where an acknowledged write must survive the primary.',
      },
      NoOtherZone: {
        status: 'False',
        meaning:
          'spec.replication.ackZones is other, and no instance of another zone can acknowledge; those of the own zone do.',
        remedy:
          'Bring an instance in another zone back, or spread the pods (podSpec.affinity); label the nodes with their zone.',
      },
      WritesWaiting: {
        status: 'False',
        meaning: 'Too few replicas can acknowledge, and dataDurability is required: writes wait, none is lost.',
        remedy: 'Bring replicas back; the writes go on by themselves.',
      },
      NoPrimary: { status: 'Unknown', meaning: 'There is no primary that could be asked.', remedy: nothing },
    },
  },
  ErrantTransactions: {
    meaning: 'An instance holds transactions that the primary lacks.',
    writer: 'topology-engine',
    reasons: {
      NoErrantTransactions: { status: 'False', meaning: 'All instances have the same history.', remedy: nothing },
      RepairUnderWay: {
        status: 'True',
        meaning: 'The message names the instance; its transactions are saved, and it is rebuilt by itself.',
        remedy: nothing,
      },
      WaitsForOrder: {
        status: 'True',
        meaning:
          'The message names the instance, and spec.replication.errantPolicy keeps it from being rebuilt by itself.',
        remedy:
          'See the runbook "errant transactions": look at what they are, then order a rebuild, or set errantPolicy: auto.',
      },
    },
  },
  CredentialsValid: {
    meaning: "The operator's accounts are as the Secret <cluster>-mysql-operated says.",
    writer: 'topology-engine',
    reasons: {
      CredentialsAccepted: { status: 'True', meaning: 'MySQL and the agents accept them.', remedy: nothing },
      CredentialsRefused: {
        status: 'False',
        meaning: 'A value of the Secret was changed to one that MySQL or the agents refuse; the message names the key.',
        remedy:
          'Put the former value back, or give the account that password on the primary (ALTER USER). Nothing else has to be done; the passwords that were in force are used meanwhile.',
      },
    },
  },
  ReadOnly: {
    meaning: 'No instance accepts writes.',
    writer: 'service-syncer',
    reasons: {
      ClusterReadOnlyTrue: {
        status: 'True',
        meaning: 'All instances refuse writes.',
        remedy: 'Set readOnly: false if it is set; otherwise look at FailoverInProgress.',
      },
      ClusterReadOnlyFalse: {
        status: 'False',
        meaning: 'The message names the instances that accept writes.',
        remedy: nothing,
      },
    },
  },
} as const satisfies Readonly<Record<string, ConditionMeaning>>;

export type ConditionType = keyof typeof conditionVocabulary;
export type ConditionReason<T extends ConditionType = ConditionType> = T extends ConditionType
  ? keyof (typeof conditionVocabulary)[T]['reasons'] & string
  : never;

export const conditionTypes = Object.keys(conditionVocabulary) as ConditionType[];

export const findCondition = (
  conditions: readonly Condition[] | undefined,
  type: ConditionType,
): Condition | undefined => conditions?.find((condition) => condition.type === type);

/**
 * A condition with the status its reason stands for. lastTransitionTime stays the one of `previous` while the status
 * stays, as Kubernetes defines it: a new reason alone is no transition.
 */
export function makeCondition<T extends ConditionType>(
  type: T,
  reason: ConditionReason<T>,
  message: string,
  now: Date,
  previous?: readonly Condition[],
): Condition {
  const vocabulary: ConditionMeaning = conditionVocabulary[type];
  const status = vocabulary.reasons[reason]?.status ?? 'Unknown';
  const before = findCondition(previous, type);
  const lastTransitionTime =
    before?.status === status ? before.lastTransitionTime : now.toISOString().replace(/\.[0-9]{3}Z$/, 'Z');
  return { type, status, lastTransitionTime, reason, message };
}

/** True when writing `next` would change what a reader sees. */
export const sameCondition = (a: Condition | undefined, b: Condition): boolean =>
  a?.status === b.status && a.reason === b.reason && a.message === b.message;
