import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';

/** How to reach an API server as its administrator. */
export interface KubeAccess {
  readonly url: string;
  readonly token: string;
  /** PEM. */
  readonly ca: string;
}

export interface KubeAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** One request on a connection of its own, JSON both ways. Errors of the API are answers; only a failed connection rejects. */
export async function kubeRequest(
  access: KubeAccess,
  method: string,
  path: string,
  body?: unknown,
): Promise<KubeAnswer> {
  const text = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(
      `${access.url}${path}`,
      {
        method,
        ca: access.ca,
        agent: false,
        timeout: 10_000,
        headers: { authorization: `Bearer ${access.token}`, 'content-type': 'application/json' },
      },
      (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          received += chunk;
        });
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text: received });
        });
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.on('timeout', () => {
      sent.destroy(new Error(`no answer to ${method} ${path}`));
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
  return { status: text.status, body: parsed(text.text) };
}

/** Writes a kubeconfig (JSON, which is YAML) for kubectl and clients, and returns its path. */
export async function writeKubeconfig(folder: string, { url, token, ca }: KubeAccess): Promise<string> {
  const path = join(folder, 'kubeconfig');
  const cluster = { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin', namespace: 'default' } }],
  };
  await writeFile(path, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  return path;
}

/** The certificate an API server has made for itself, once it has. */
export async function readSelfSigned(certificateFolder: string): Promise<string> {
  return await readFile(join(certificateFolder, 'apiserver.crt'), 'utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // /readyz and errors of the server's front answer in plain text.
    return text;
  }
}
