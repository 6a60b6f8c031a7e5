import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyOf } from './kube-object.ts';
import { Store } from './store.ts';

function object(name: string, version: string, color = 'red', uid = `uid-${name}`) {
  return { metadata: { namespace: 'n', name, uid, resourceVersion: version, labels: { color } } };
}
type TestObject = ReturnType<typeof object>;

const colorStore = () => new Store<TestObject, 'color'>({ color: (o) => [o.metadata.labels.color] });

describe('the store', () => {
  test('tells added, updated and deleted apart, and says nothing of the same version', () => {
    const store = colorStore();
    const [first, second] = [object('a', '1'), object('a', '2')];
    expect(store.set(first)).toEqual({ type: 'added', object: first });
    expect(store.set(object('a', '1', 'blue'))).toBeUndefined();
    expect(store.set(second)).toEqual({ type: 'updated', object: second, previous: first });
    expect(store.delete('n/a')).toEqual({ type: 'deleted', object: second });
    expect(store.delete('n/a')).toBeUndefined();
  });

  test('tells a replaced object of the same name as an end and a beginning', () => {
    const store = colorStore();
    store.set(object('a', '1'));
    const reborn = object('a', '5', 'red', 'other');
    expect(store.replace([reborn]).map((change) => change.type)).toEqual(['deleted', 'added']);
    expect(store.upsert(object('a', '7', 'red', 'third')).map((change) => change.type)).toEqual(['deleted', 'added']);
  });

  test('keeps objects and indexes equal to a plain map, whatever happens', () => {
    const objectArbitrary = fc
      .tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(9), fc.constantFrom('red', 'blue'))
      .map(([name, version, color]) => object(name, String(version), color));
    const step = fc.oneof(
      objectArbitrary.map((o) => ({ op: 'set' as const, o })),
      objectArbitrary.map((o) => ({ op: 'delete' as const, o })),
      fc.uniqueArray(objectArbitrary, { selector: keyOf }).map((all) => ({ op: 'replace' as const, all })),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const store = colorStore();
        const model = new Map<string, TestObject>();
        const put = (o: TestObject) => {
          if (model.get(keyOf(o))?.metadata.resourceVersion !== o.metadata.resourceVersion) model.set(keyOf(o), o);
        };
        for (const one of steps) {
          if (one.op === 'set') {
            store.upsert(one.o);
            put(one.o);
          } else if (one.op === 'delete') {
            store.delete(keyOf(one.o));
            model.delete(keyOf(one.o));
          } else {
            store.replace(one.all);
            const keys = new Set(one.all.map(keyOf));
            for (const key of [...model.keys()]) if (!keys.has(key)) model.delete(key);
            one.all.forEach(put);
          }
        }
        const sorted = (all: readonly TestObject[]) => [...all].sort((x, y) => keyOf(x).localeCompare(keyOf(y)));
        expect(sorted(store.list())).toEqual(sorted([...model.values()]));
        for (const color of ['red', 'blue']) {
          const wanted = [...model.values()].filter((o) => o.metadata.labels.color === color);
          expect(sorted(store.by('color', color))).toEqual(sorted(wanted));
        }
      }),
    );
  });
});
