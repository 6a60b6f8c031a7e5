import type { Response } from 'express';
import { ClusterFeed, type FeedEvent } from '../cluster-feed.ts';
import { liveView } from '../describe-cluster.ts';
import { type ClusterControl, controlOf, type Engine } from '../engine.ts';
import { Refused } from '../refused.ts';
import { type ClusterRef, clusterOf, type Route } from '../route.ts';

export interface StreamLimits {
  readonly heartbeatMs: number;
  /** How many may listen to this engine. */
  readonly mostStreams: number;
  /** What may wait for a slow listener before its stream is ended, bytes. */
  readonly mostBufferedBytes: number;
}

export const defaultStreamLimits: StreamLimits = {
  heartbeatMs: 15_000,
  mostStreams: 200,
  mostBufferedBytes: 1024 * 1024,
};

/** The live streams of this engine's clusters. */
export class Streams {
  readonly #engine: Engine;
  readonly #limits: StreamLimits;
  readonly #feeds = new Map<string, ClusterFeed>();
  readonly #open = new Set<Response>();

  constructor(engine: Engine, limits: StreamLimits) {
    this.#engine = engine;
    this.#limits = limits;
  }

  routes(): Route[] {
    return [
      {
        method: 'get',
        path: '/clusters/{namespace}/{name}/stream',
        id: 'streamCluster',
        summary: 'What happens to a cluster, as it happens: server-sent events.',
        description:
          'Event `cluster`: the cluster as `GET` has it, at first and whenever more than ages and GTID sets has changed. Event `run`: a run, at each step. With `Last-Event-ID`, what was missed comes first, as far as it is kept (200 events); otherwise the cluster as it is. A comment every 15 s keeps the connection. The stream ends when another engine takes the cluster over, and when its reader is more than 1 MiB behind: connect again.',
        verb: 'watch',
        owner: 'required',
        headers: { 'Last-Event-ID': 'the last event that was seen' },
        answers: { 200: { description: 'Events.', mediaType: 'text/event-stream' } },
        handle: (request, response) => {
          const cluster = clusterOf(request);
          this.#serve(cluster, controlOf(this.#engine, cluster.key), request.get('Last-Event-ID'), response);
        },
      },
    ];
  }

  /** Ends all streams, so that their readers go elsewhere. */
  close(): void {
    for (const response of this.#open) response.end();
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }

  #serve(cluster: ClusterRef, control: ClusterControl, lastId: string | undefined, response: Response): void {
    const { mostStreams, mostBufferedBytes, heartbeatMs } = this.#limits;
    if (this.#open.size >= mostStreams) {
      throw new Refused(503, 'TooManyStreams', `${String(mostStreams)} streams are open here already`);
    }
    this.#open.add(response);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const write = (text: string): void => {
      if (response.writableLength > mostBufferedBytes) response.destroy();
      else response.write(text);
    };
    const feed = this.#feedOf(cluster, control);
    const stopListening = feed.listen(lastId, (event) => write(textOf(event)));
    const heartbeat = setInterval(() => {
      if (isStillHere(this.#engine, cluster.key, control)) write(': \n\n');
      else response.end();
    }, heartbeatMs);
    response.on('close', () => {
      clearInterval(heartbeat);
      stopListening();
      this.#open.delete(response);
      this.#sweep();
    });
  }

  #feedOf({ key, namespace, name }: ClusterRef, control: ClusterControl): ClusterFeed {
    const known = this.#feeds.get(key);
    if (known?.control === control) return known;
    known?.close();
    const view = () => liveView({ namespace, name }, this.#engine.name, { look: control.look(), runs: control.runs });
    const feed = new ClusterFeed(control, view);
    this.#feeds.set(key, feed);
    return feed;
  }

  /** A feed without listeners is kept, for those who come back, for as long as its cluster is looked after here. */
  #sweep(): void {
    for (const [key, feed] of this.#feeds) {
      if (feed.hasListeners || isStillHere(this.#engine, key, feed.control)) continue;
      feed.close();
      this.#feeds.delete(key);
    }
  }
}

function isStillHere(engine: Engine, key: string, control: ClusterControl): boolean {
  const location = engine.locate(key);
  return location.kind === 'here' && location.control === control;
}

const textOf = ({ id, name, data }: FeedEvent): string => `id: ${id}\nevent: ${name}\ndata: ${data}\n\n`;
