import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ociLayoutDir } from './buildah.ts';
import type { NodeLayout } from './layout.ts';
import { containerdSocket } from './node.ts';
import { runCommand } from './run-command.ts';
import { toolPath } from './tools.ts';

export interface NamedImage {
  /** Complete, as in docker.io/pilotfish/mysql:dev. */
  readonly reference: string;
  /** Of the manifest in the OCI layout. */
  readonly digest: string;
}

interface Descriptor {
  readonly digest: string;
}

interface Manifest {
  readonly mediaType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/**
 * Gives a node's containerd the images it doesn't have under these names; returns how many those were.
 * Layers that the node has already, in whatever image, aren't copied.
 */
export async function importImages(node: NodeLayout, images: readonly NamedImage[]): Promise<number> {
  const present = await imagesOn(node);
  const missing = images.filter(({ reference, digest }) => present.get(reference) !== digest);
  if (missing.length === 0) return 0;

  const onNode = new Set((await ctr(node, ['content', 'ls', '--quiet'])).split('\n'));
  const blobs = new Set(missing.flatMap(({ digest }) => blobsOf(digest)).filter((digest) => !onNode.has(digest)));
  const directory = mkdtempSync(join(tmpdir(), 'pilotfish-import-'));
  try {
    writeFileSync(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    writeFileSync(join(directory, 'index.json'), JSON.stringify(indexOf(missing)));
    const files = [...blobs].map((digest) => `blobs/${digest.replace(':', '/')}`);
    const archive = ['tar', '-cf', '-', '-C', directory, 'oci-layout', 'index.json', '-C', ociLayoutDir, ...files].join(
      ' ',
    );
    const load = [await toolPath('ctr'), ...ctrFlags(node), 'images', 'import', '--local', '-'].join(' ');
    await runCommand('bash', ['-o', 'pipefail', '-c', `${archive} | ${load}`]);
  } finally {
    rmSync(directory, { recursive: true });
  }
  return missing.length;
}

/** The images a node has, by reference. */
async function imagesOn(node: NodeLayout): Promise<Map<string, string>> {
  const table = await ctr(node, ['images', 'ls']);
  return new Map(
    table
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const [reference, , digest] = line.split(/\s+/);
        return reference !== undefined && digest !== undefined ? [[reference, digest] as const] : [];
      }),
  );
}

function indexOf(images: readonly NamedImage[]): unknown {
  const manifests = images.map(({ reference, digest }) => ({
    mediaType: readManifest(digest).mediaType ?? 'application/vnd.oci.image.manifest.v1+json',
    digest,
    size: statSync(blobPath(digest)).size,
    annotations: { 'io.containerd.image.name': reference },
  }));
  return { schemaVersion: 2, manifests };
}

function blobsOf(manifestDigest: string): string[] {
  const manifest = readManifest(manifestDigest);
  return [manifestDigest, manifest.config.digest, ...manifest.layers.map(({ digest }) => digest)];
}

function readManifest(digest: string): Manifest {
  return JSON.parse(readFileSync(blobPath(digest), 'utf8')) as Manifest;
}

function blobPath(digest: string): string {
  return join(ociLayoutDir, 'blobs', digest.replace(':', '/'));
}

function ctrFlags(node: NodeLayout): string[] {
  return ['--address', containerdSocket(node), '--namespace', 'k8s.io'];
}

async function ctr(node: NodeLayout, args: readonly string[]): Promise<string> {
  return await runCommand(await toolPath('ctr'), [...ctrFlags(node), ...args]);
}
