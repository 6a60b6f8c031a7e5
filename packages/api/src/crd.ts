import { z } from 'zod';
import { clusterSpec } from './cluster-spec.ts';
import { clusterStatus } from './cluster-status.ts';
import { apiGroup, apiVersionName, instanceHost, kind, maxHostLength, maxReplicas, plural } from './names.ts';
import { celString, type KubernetesValidation, validationsKey } from './rule.ts';
import { type StructuralSchema, toStructural } from './structural.ts';

/**
 * The longest name for which at least one namespace (of one letter) leaves room for a two-digit ordinal in the host
 * names. The CRD cannot see the namespace; the admission policy, and the cluster-controller, check the exact sum.
 */
export const maxClusterNameLength = maxHostLength - instanceHost('', maxReplicas - 1, 'n').length;

/** Characters of an instance host that are neither the cluster's name, nor the ordinal, nor the namespace. */
const fixedHostLength = instanceHost('', 0, '').length - 1;

const nameRule = '[a-z]([-a-z0-9]*[a-z0-9])?';

/** A name never changes, so these run at creation only: an object from before the rules can still be edited and deleted. */
const nameRules: readonly KubernetesValidation[] = [
  {
    rule: `oldSelf.hasValue() || self.metadata.name.matches('^${nameRule}$')`,
    message:
      'the name of a MysqlCluster becomes part of host names: lower case letters, digits and dashes, beginning with a letter, no dots',
    fieldPath: '.metadata.name',
  },
  {
    rule: `oldSelf.hasValue() || size(self.metadata.name) <= ${String(maxClusterNameLength)}`,
    message: `the name is too long: host names are made from it, and MySQL stores ${String(maxHostLength)} characters of them. Use ${String(maxClusterNameLength)} characters or fewer`,
    fieldPath: '.metadata.name',
  },
];

export function specSchema(): StructuralSchema {
  return { ...toStructural(z.toJSONSchema(clusterSpec, { target: 'openapi-3.0', io: 'input' }), 'spec') };
}

export function statusSchema(): StructuralSchema {
  return toStructural(z.toJSONSchema(clusterStatus, { target: 'openapi-3.0', io: 'input' }), 'status');
}

export function mysqlClusterSchema(): StructuralSchema {
  return {
    type: 'object',
    description: 'A MySQL cluster: one primary and its replicas.',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      // Declared, so that a rule can name it as the field at fault.
      metadata: { type: 'object', properties: { name: { type: 'string' } } },
      spec: { ...specSchema(), description: 'What is wanted.' },
      status: { ...statusSchema(), description: 'What is. Written by the operator.' },
    },
    [validationsKey]: nameRules.map((rule) => ({ ...rule, optionalOldSelf: true })),
  };
}

const printerColumns = [
  {
    name: 'Ready',
    type: 'string',
    description: 'Status of the condition Ready.',
    jsonPath: '.status.conditions[?(@.type == "Ready")].status',
  },
  { name: 'Replicas', type: 'integer', description: 'Instances asked for.', jsonPath: '.spec.replicas' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: Record<string, unknown>;
}

export function mysqlClusterCrd(): Manifest {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${apiGroup}` },
    spec: {
      group: apiGroup,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular: 'mysqlcluster', shortNames: ['mysql'] },
      preserveUnknownFields: false,
      versions: [
        {
          name: apiVersionName,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: mysqlClusterSchema() },
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.readyNodes' },
          },
          additionalPrinterColumns: printerColumns,
        },
      ],
    },
  };
}

/**
 * Refuses a cluster whose host names MySQL could not store. It takes an admission policy, because rules of a CRD cannot
 * see the namespace. An update is looked at only when it asks for more replicas, so that nothing gets stuck.
 */
export function hostNamePolicy(): [Manifest, Manifest] {
  const name = `host-names.${apiGroup}`;
  const policy: Manifest = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [apiGroup],
            apiVersions: ['*'],
            operations: ['CREATE', 'UPDATE'],
            resources: [plural],
          },
        ],
      },
      variables: [
        { name: 'digits', expression: 'object.spec.?replicas.orValue(1) > 10 ? 2 : 1' },
        {
          name: 'hostLength',
          expression: `size(object.metadata.name) + size(object.metadata.namespace) + variables.digits + ${String(fixedHostLength)}`,
        },
        {
          name: 'grows',
          expression: 'oldObject == null || object.spec.?replicas.orValue(1) > oldObject.spec.?replicas.orValue(1)',
        },
      ],
      validations: [
        {
          expression: `!variables.grows || variables.hostLength <= ${String(maxHostLength)}`,
          messageExpression: [
            celString('the host names of the instances ('),
            'object.metadata.name',
            celString('-mysql-<n>.mysql.'),
            'object.metadata.namespace',
            celString(') would have '),
            'string(variables.hostLength)',
            celString(` characters, and MySQL stores ${String(maxHostLength)}: use a name that is `),
            `string(variables.hostLength - ${String(maxHostLength)})`,
            celString(' shorter, or a namespace with a shorter name'),
          ].join(' + '),
          reason: 'Invalid',
        },
      ],
    },
  };
  const binding: Manifest = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  };
  return [policy, binding];
}
