import type { Clock, EventLoopWatch } from '@pilotfish/service';
import type { InstanceEvidence } from '@pilotfish/topology';
import type { Credentials, PodFacts } from '../inventory.ts';
import type { Tenure } from '../tenure.ts';
import { addressOf } from './address.ts';
import { AgentClient, type AgentState } from './agent-client.ts';
import { AgentWatch } from './agent-watch.ts';
import { InstanceWatch } from './instance-watch.ts';

export interface MemberOptions {
  readonly pod: PodFacts;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly eventLoop: EventLoopWatch;
  readonly tenure: Tenure;
  readonly onChange: () => void;
}

/**
 * One instance as the engine knows it: a pod (by uid and address), the connection to its mysqld, its agent.
 * A pod that was made anew under the same name is another member.
 */
export class ClusterMember {
  readonly name: string;
  readonly uid: string;
  readonly ordinal: number;
  readonly host: string;
  readonly port: number;
  readonly agentPort: number | undefined;
  readonly watch: InstanceWatch;
  /** Undefined where no agent runs beside the server. */
  readonly agent: AgentClient | undefined;
  readonly #clock: Clock;
  readonly #reports: AgentWatch | undefined;
  readonly #running: Promise<unknown>;
  #attachedAt: number;
  #openSince: number | undefined;
  #examined: InstanceEvidence['examined'];

  constructor({ pod, credentials, clock, eventLoop, tenure, onChange }: MemberOptions) {
    this.name = pod.name;
    this.uid = pod.uid;
    this.ordinal = pod.ordinal;
    this.host = pod.ip;
    this.port = pod.mysqlPort;
    this.agentPort = pod.agentPort;
    this.#clock = clock;
    this.#attachedAt = clock.nowMs();
    const { user, password } = credentials.operator;
    const endpoint = { host: pod.ip, port: pod.mysqlPort, user, password };
    this.watch = new InstanceWatch({ endpoint, clock, eventLoop, tenure, onChange });
    if (pod.agentPort !== undefined) {
      const { agentToken: token } = credentials;
      this.agent = new AgentClient({ host: pod.ip, port: pod.agentPort, token, owner: tenure });
      this.#reports = new AgentWatch({ client: this.agent, clock, onChange });
    }
    this.#running = Promise.all([this.watch.run(), this.#reports?.run()]);
  }

  /** What replicas that follow it name as their source, `host:port`. */
  get address(): string {
    return addressOf(this.host, this.port);
  }

  /** Evidence of this instance as of now. `pod` is what Kubernetes says now, which may be nothing or a newer pod. */
  evidence(pod: PodFacts | undefined, wantedReplicas: number): InstanceEvidence {
    const now = this.#clock.nowMs();
    const contact = this.watch.contact();
    const replication = contact.kind === 'observed' ? contact.view.replication : null;
    if (replication?.receiver === 'ON' || (contact.kind === 'observed' && !contact.view.readOnly))
      this.#attachedAt = now;
    if (contact.kind === 'observed') this.#openSince = contact.view.readOnly ? undefined : (this.#openSince ?? now);
    const ending = pod?.uid !== this.uid || pod.terminating;
    const agent = this.#reports?.view();
    const clockOffsetMs = this.watch.lastView?.clockOffsetMs;
    return {
      name: this.name,
      ordinal: this.ordinal,
      host: this.address,
      ...(this.agent === undefined && { agentless: true }),
      podExists: pod !== undefined,
      leaving: ending || this.ordinal >= wantedReplicas,
      ending,
      contact,
      ...(clockOffsetMs !== undefined && { clockOffsetMs }),
      ...(agent && { agent }),
      ...placeOf(pod),
      serverEnded: pod?.uid === this.uid && pod.serverEnded,
      ...(this.#examined && { examined: this.#examined }),
      detachedMs: now - this.#attachedAt,
      openMs: this.#openSince === undefined ? 0 : now - this.#openSince,
    };
  }

  /** Connections made from now on use these; those that exist stay. */
  useCredentials({ operator, agentToken }: Credentials): void {
    this.watch.useLogin(operator);
    this.agent?.useToken(agentToken);
  }

  /** Its agent answers at the same address and says that it belongs to this very pod. */
  get isVouchedFor(): boolean {
    const state = this.#reports?.state;
    return state?.podUid !== undefined && state.podUid === this.uid;
  }

  /** What the agent saved of errant transactions, newest last. */
  get errantSaved(): AgentState['errantSaved'] {
    return this.#reports?.state?.errantSaved ?? [];
  }

  /** What the agent is doing; undefined until it has answered. */
  get provisioning(): string | undefined {
    return this.#reports?.state?.provisioning.phase;
  }

  /** It was told to clone: until it says how that goes, it counts as cloning. */
  noteCloneOrdered(): void {
    this.#reports?.assume({ provisioning: { phase: 'cloning' } });
  }

  /** That wait of its server is over: until its agent says otherwise, it waits for nothing. */
  noteStartOrdered(wait: string): void {
    const { state } = this.#reports ?? {};
    if (state?.mysqld.awaitingBoundary?.id !== wait) return;
    this.#reports?.assume({ mysqld: { ...state.mysqld, awaitingBoundary: undefined } });
  }

  noteExamined(examined: NonNullable<InstanceEvidence['examined']>): void {
    this.#examined = examined;
  }

  async stop(): Promise<void> {
    this.watch.stop();
    this.#reports?.stop();
    await this.#running;
  }
}

/** Where Kubernetes says that it runs. */
export function placeOf(pod: PodFacts | undefined): Pick<InstanceEvidence, 'zone' | 'region' | 'nodeLost'> {
  const { zone, region, nodeLost = false } = pod ?? {};
  return { ...(zone !== undefined && { zone }), ...(region !== undefined && { region }), nodeLost };
}
