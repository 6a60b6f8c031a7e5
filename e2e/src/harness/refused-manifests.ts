/** Specs that must be refused at the door, each with what the refusal has to speak of. */
export interface RefusedManifest {
  readonly what: string;
  readonly name: string;
  /** Merged over a good spec; undefined takes a field away. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly says: RegExp;
}

export const refusedManifests: readonly RefusedManifest[] = [
  { what: 'replicas below 0', name: 'refused', spec: { replicas: -1 }, says: /replicas/ },
  { what: 'a name with a dot', name: 're.fused', spec: {}, says: /dot|name/i },
  {
    what: "a name too long for MySQL's host names",
    name: `refused-${'x'.repeat(48)}`,
    spec: {},
    says: /name|60|long/i,
  },
  {
    what: 'a quantity that is none',
    name: 'refused',
    spec: { volumeSpec: { persistentVolumeClaim: { resources: { requests: { storage: '1Gx' } } } } },
    says: /storage|quantit/i,
  },
  { what: 'no secretName', name: 'refused', spec: { secretName: undefined }, says: /secretName/ },
  { what: 'an empty secretName', name: 'refused', spec: { secretName: '' }, says: /secretName/ },
  {
    what: 'a version that is none',
    name: 'refused',
    spec: { mysqlVersion: 'newest one' },
    says: /mysqlVersion|version/i,
  },
  {
    what: 'an unknown durability',
    name: 'refused',
    spec: { replication: { dataDurability: 'sometimes' } },
    says: /dataDurability/,
  },
  {
    what: 'an isolation time-out of nothing',
    name: 'refused',
    spec: { replication: { isolationTimeoutSeconds: 0 } },
    says: /isolationTimeoutSeconds/,
  },
  { what: 'a field that is not served', name: 'refused', spec: { nonsense: true }, says: /nonsense/ },
  { what: 'replicas that are a word', name: 'refused', spec: { replicas: 'three' }, says: /replicas/ },
];
