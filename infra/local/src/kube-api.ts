import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { certificatePath, keyPath } from './certificates.ts';
import { layout } from './layout.ts';

/** GETs from the API server as the administrator; kubectl is for the rest, this is for asking often. */
export async function getFromApi(path: string): Promise<unknown> {
  return JSON.parse((await get(`${layout.apiServerUrl}${path}`)).body);
}

/** Whether the health page of a control plane process says so; the API server's by default. */
export async function isApiServerReady(url: string = `${layout.apiServerUrl}/readyz`): Promise<boolean> {
  return (await get(url)).status === 200;
}

async function get(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const agent = new Agent({
    ca: readFileSync(certificatePath('ca')),
    cert: readFileSync(certificatePath('admin')),
    key: readFileSync(keyPath('admin')),
    // The controller manager and the scheduler serve their health with certificates they made themselves.
    rejectUnauthorized: url.startsWith(layout.apiServerUrl),
  });
  return await new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, timeout: 5_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', reject);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${url} does not answer`)));
    outgoing.on('error', reject);
    outgoing.end();
  });
}
