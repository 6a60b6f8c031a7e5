import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { crdTemplate, policyTemplate } from './chart-templates.ts';
import { hostNamePolicy, maxClusterNameLength, mysqlClusterCrd, mysqlClusterSchema } from './crd.ts';
import { instanceHost, maxHostLength, maxReplicas } from './names.ts';
import { referencePage } from './reference.ts';
import { toStructural } from './structural.ts';

type Node = Record<string, unknown>;

function* nodesOf(node: Node, path: string): Generator<[string, Node]> {
  yield [path, node];
  for (const [name, child] of Object.entries((node.properties ?? {}) as Record<string, Node>)) {
    yield* nodesOf(child, `${path}.${name}`);
  }
  if (node.items !== undefined) yield* nodesOf(node.items as Node, `${path}[]`);
  if (node.additionalProperties !== undefined) yield* nodesOf(node.additionalProperties as Node, `${path}.*`);
}

const nodes = new Map(nodesOf(mysqlClusterSchema(), ''));

describe('the CustomResourceDefinition', () => {
  test('has the names, columns and subresources of the old operator', () => {
    const { metadata, spec } = mysqlClusterCrd();
    expect(metadata.name).toBe('mysqlclusters.mysql.presslabs.org');
    expect(spec.names).toMatchObject({ kind: 'MysqlCluster', shortNames: ['mysql'], singular: 'mysqlcluster' });
    const [version] = spec.versions as Node[];
    expect(version?.additionalPrinterColumns).toMatchObject([
      { name: 'Ready', jsonPath: '.status.conditions[?(@.type == "Ready")].status' },
      { name: 'Replicas', jsonPath: '.spec.replicas' },
      { name: 'Age', jsonPath: '.metadata.creationTimestamp' },
    ]);
    expect(version?.subresources).toEqual({
      status: {},
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.readyNodes' },
    });
  });

  test.each([
    ['.status.conditions', ['type']],
    ['.spec.podSpec.containers', ['name']],
  ])('%s is a list that server-side apply merges by key', (path, keys) => {
    expect(nodes.get(path)).toMatchObject({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys });
  });

  test('what one service alone writes is applied whole', () => {
    expect(nodes.get('.status.nodes')).toMatchObject({ 'x-kubernetes-list-type': 'atomic' });
    expect(nodes.get('.status.topology')).toMatchObject({ 'x-kubernetes-map-type': 'atomic' });
  });

  test('every rule says what to do, in a sentence without a full stop', () => {
    for (const [path, node] of nodes) {
      for (const { message } of (node['x-kubernetes-validations'] ?? []) as { message: string }[]) {
        expect([path, message.length > 20, message.endsWith('.')]).toEqual([path, true, false]);
      }
    }
  });

  test('every field that people write has a description or speaks for itself inside a described one', () => {
    for (const [path, node] of nodes) {
      if (/^\.spec(\.[a-zA-Z]+){1,2}$/.test(path)) expect([path, typeof node.description]).toEqual([path, 'string']);
    }
  });

  test('the longest name fits the shortest namespace, and one more would not', () => {
    const longest = instanceHost('n'.repeat(maxClusterNameLength), maxReplicas - 1, 'x');
    expect(longest).toHaveLength(maxHostLength);
  });
});

describe('the templates', () => {
  test('hold the manifests and nothing that Helm would take for an action of its own', () => {
    const withoutActions = (text: string) =>
      text.replace(/^.*\{\{.*$/gm, '').replace(/^ {2}(labels|annotations):\n/gm, '');
    const crd = parse(withoutActions(crdTemplate()).replace(/^ {4}helm.sh.*\n/m, '')) as Node;
    expect(crd.spec).toEqual(mysqlClusterCrd().spec);
    const [policy, binding] = withoutActions(policyTemplate()).split('---\n');
    expect(parse(policy ?? '')).toEqual(hostNamePolicy()[0]);
    expect(parse(binding ?? '')).toEqual(hostNamePolicy()[1]);
  });
});

describe('toStructural', () => {
  test.each([
    ['a string without maxLength', { type: 'string' }, /maxLength/],
    ['a list without maxItems', { type: 'array', items: { type: 'boolean' } }, /maxItems/],
    ['a map without maxProperties', { type: 'object', additionalProperties: { type: 'boolean' } }, /maxProperties/],
    ['a union', { oneOf: [{ type: 'boolean' }] }, /oneOf has no place/],
    ['a reference', { $ref: '#/x' }, /\$ref has no place/],
    ['no type', {}, /needs a type/],
  ])('refuses %s with its path', (_what, schema, message) => {
    expect(() => toStructural({ type: 'object', properties: { a: schema } }, 'spec')).toThrow(message);
    expect(() => toStructural({ type: 'object', properties: { a: schema } }, 'spec')).toThrow(/^spec\.a/);
  });
});

describe('the reference page', () => {
  test('lists every field that can be written', () => {
    const page = referencePage();
    for (const path of nodes.keys()) {
      if (path.startsWith('.spec.') && !path.includes('*') && !path.endsWith('[]')) {
        expect(page).toContain(`| \`${path.slice('.spec.'.length)}\` |`);
      }
    }
  });
});
