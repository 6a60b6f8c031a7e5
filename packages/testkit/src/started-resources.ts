type Release = () => Promise<void>;

/** What the starters of this process have started and not yet cleaned up, by description. One list a process, because leaks are a process's. */
const started = new Map<symbol, { description: string; release: Release }>();

/** @returns to be called when it is gone */
export function registerResource(description: string, release: Release): () => void {
  const key = Symbol(description);
  started.set(key, { description, release });
  return () => {
    started.delete(key);
  };
}

export function startedResources(): string[] {
  return [...started.values()].map(({ description }) => description);
}

/** Cleans up what is left, latest first, so that one leak does not fail the next test file too. */
export async function releaseStartedResources(): Promise<void> {
  for (const { release } of [...started.values()].reverse()) await release();
}
