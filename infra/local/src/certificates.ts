import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout, nodes } from './layout.ts';
import { runDir } from './paths.ts';
import { runCommand } from './run-command.ts';

const VALID_DAYS = '3650';

const certificateDir = join(runDir, 'certificates');

export function certificatePath(name: string): string {
  return join(certificateDir, `${name}.crt`);
}

export function keyPath(name: string): string {
  return join(certificateDir, `${name}.key`);
}

interface Identity {
  readonly name: string;
  /** What Kubernetes takes for the user's name (CN) and groups (O). */
  readonly subject: string;
  /** For servers: what clients may call it. */
  readonly alternativeNames?: readonly string[];
}

const identities: readonly Identity[] = [
  {
    name: 'kube-apiserver',
    subject: '/CN=kube-apiserver',
    alternativeNames: [
      'DNS:localhost',
      ...[
        'kubernetes',
        'kubernetes.default',
        'kubernetes.default.svc',
        `kubernetes.default.svc.${layout.dnsDomain}`,
      ].map((name) => `DNS:${name}`),
      ...['127.0.0.1', layout.hostAddress, layout.apiServiceAddress].map((address) => `IP:${address}`),
    ],
  },
  { name: 'etcd', subject: '/CN=etcd', alternativeNames: [`IP:${layout.hostAddress}`] },
  { name: 'kubelet-client', subject: '/O=system:masters/CN=kube-apiserver-kubelet-client' },
  { name: 'admin', subject: '/O=system:masters/CN=admin' },
  { name: 'kube-controller-manager', subject: '/CN=system:kube-controller-manager' },
  { name: 'kube-scheduler', subject: '/CN=system:kube-scheduler' },
  { name: 'kube-proxy', subject: '/CN=system:kube-proxy' },
  { name: 'local-provisioner', subject: '/O=system:masters/CN=local-provisioner' },
  ...nodes.map(({ name, address }) => ({
    name,
    subject: `/O=system:nodes/CN=system:node:${name}`,
    alternativeNames: [`DNS:${name}`, `IP:${address}`],
  })),
];

/** Makes the cluster's certificate authority, a certificate for everyone, and the key that signs service account tokens. */
export async function ensureCertificates(): Promise<void> {
  if (existsSync(certificateDir)) return;
  const partial = `${certificateDir}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  const openssl = async (...args: string[]): Promise<string> => await runCommand('openssl', args, { cwd: partial });

  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=pilotfish-local-ca',
    '-days',
    VALID_DAYS,
  );
  await openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'service-account.key');
  await openssl('ec', '-in', 'service-account.key', '-pubout', '-out', 'service-account.pub');
  for (const { name, subject, alternativeNames } of identities) {
    const extensions = ['extendedKeyUsage=clientAuth,serverAuth'];
    if (alternativeNames !== undefined) extensions.push(`subjectAltName=${alternativeNames.join(',')}`);
    writeFileSync(join(partial, `${name}.ext`), extensions.join('\n'));
    await openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    const authority = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', VALID_DAYS];
    await openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, '-extfile', `${name}.ext`, ...authority);
  }
  renameSync(partial, certificateDir);
}
