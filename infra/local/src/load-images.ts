import { importImages, type NamedImage } from './image-import.ts';
import { nodes } from './layout.ts';

/** Two at a time: an import keeps one core busy with unpacking, and the disk with writing. */
const PARALLEL_IMPORTS = 2;

/** Gives all nodes the images they lack. */
export async function loadImages(images: readonly NamedImage[], progress: (text: string) => void): Promise<void> {
  const waiting = [...nodes];
  const worker = async (): Promise<void> => {
    for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
      const count = await importImages(node, images);
      if (count > 0) progress(`${count} new on ${node.name}`);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_IMPORTS }, worker));
}
