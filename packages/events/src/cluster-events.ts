import { z } from 'zod';
import { clusterEvent, instanceEvent } from './event-definition.ts';
import { instanceName, text } from './fields.ts';

const replicas = z.int().min(0).describe('number of instances');

/** What cluster-controller tells: the objects of a cluster and their life. */
export const clusterEvents = {
  'cluster-created': clusterEvent({
    critical: false,
    description: 'A MysqlCluster was seen for the first time and its objects were created.',
    data: z.object({}),
    example: {},
  }),
  'spec-changed': clusterEvent({
    critical: false,
    description: 'A new generation of the spec was taken up.',
    data: z.object({ generation: z.int().min(0).describe('metadata.generation of the MysqlCluster') }),
    example: { generation: 7 },
  }),
  'ready-changed': clusterEvent({
    critical: false,
    description: 'The condition Ready changed.',
    data: z.object({ ready: z.boolean(), reason: text.describe('reason of the condition') }),
    example: { ready: true, reason: 'ClusterReady' },
  }),
  'roll-started': clusterEvent({
    critical: false,
    description: 'Pods of an older revision are being replaced: replicas first, the primary last.',
    data: z.object({}),
    example: {},
  }),
  'instance-rolled': instanceEvent({
    critical: false,
    description: 'A pod was deleted so that it comes back with the new revision.',
    data: z.object({ instance: instanceName, reason: text }),
    example: { instance: 'orders-mysql-2', reason: 'configuration changed' },
  }),
  'roll-completed': clusterEvent({
    critical: false,
    description: 'All pods have the current revision.',
    data: z.object({}),
    example: {},
  }),
  scaled: clusterEvent({
    critical: false,
    description: 'The StatefulSet was given another number of instances.',
    data: z.object({ from: replicas, to: replicas }),
    example: { from: 3, to: 5 },
  }),
  'volume-removed': instanceEvent({
    critical: true,
    description: 'The volume claim of an instance that was scaled away was deleted.',
    data: z.object({ instance: instanceName, claim: text.describe('name of the PersistentVolumeClaim') }),
    example: { instance: 'orders-mysql-4', claim: 'data-orders-mysql-4' },
  }),
  'configuration-refused': clusterEvent({
    critical: false,
    description: 'The spec, or something it refers to, cannot be used; what runs goes on unchanged.',
    data: z.object({ reason: text.describe('reason of the condition ConfigurationValid'), message: text }),
    example: {
      reason: 'SecretMissing',
      message: 'Secret orders-secret does not exist: create it with the key ROOT_PASSWORD',
    },
  }),
  'cluster-deleted': clusterEvent({
    critical: false,
    description: 'The MysqlCluster is gone.',
    data: z.object({}),
    example: {},
  }),
};
