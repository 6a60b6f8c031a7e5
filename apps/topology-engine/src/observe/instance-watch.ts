import { type Endpoint, MysqlError, MysqlSession, missingSettings, type SqlSession } from '@pilotfish/mysql';
import type { Clock, EventLoopWatch } from '@pilotfish/service';
import type { Contact, InstanceView } from '@pilotfish/topology';
import { OutrunError, type Tenure } from '../tenure.ts';
import { isNews } from './is-news.ts';
import { ObservationReader } from './observation-reader.ts';
import { StatementSession } from './statement-session.ts';

/** How an instance is watched, milliseconds. Closed sockets and refusals wake at once; polling is the backstop. */
export const watchTiming = {
  /** From one look to the next: on a slow network the way there and back is part of it. */
  pollMs: {
    /** At a replica of a cluster that is well. What it said then is no evidence against a primary: it is asked anew. */
    calm: 1_000,
    steady: 500,
    /** While something is wrong with the cluster. */
    urgent: 60,
  },
  /** Between attempts to connect to a server that is not there. */
  reconnectMs: 200,
  /** The same for one that runs and does not let us in, or can't be managed. */
  deniedRetryMs: 1_000,
  /** For the session that observes: a network with 600 ms from here to there and back takes that six times. */
  connectDeadlineMs: 4_000,
  /** For one that a plan waits for. */
  adminConnectDeadlineMs: 900,
  /** Its session is given up then, and a new one is several ways there and back: no reason to hurry, silence counts from the last answer. */
  observeDeadlineMs: 2_000,
  /** A server that has never answered here is not called silent before: an engine that starts may itself be what is slow. */
  firstAnswerMs: 2_500,
  /** So long after the next look an answer no longer counts as contact. */
  lateMs: 650,
} as const;

export type Pace = keyof typeof watchTiming.pollMs;

export interface InstanceWatchOptions {
  readonly endpoint: Endpoint;
  readonly clock: Clock;
  readonly eventLoop: EventLoopWatch;
  readonly tenure: Tenure;
  /**
   * Called when a look tells something new, when an answer has become too old to count, and while the cluster is in trouble
   * after every look.
   */
  readonly onChange: () => void;
}

/**
 * One lasting connection to one server, and what it said last.
 *
 * `contact()` ages by itself: an answer counts for as long as it is fresh, then the server is silent since that answer. A stall
 * of this process voids the silence, for then it was we who did not listen.
 *
 * Nothing is seen of a server before the sessions that a former owner of the cluster has there are ended: what is decided on must not be
 * changed any more by somebody else.
 */
export class InstanceWatch {
  readonly #options: InstanceWatchOptions;
  readonly #reader = new ObservationReader();
  readonly #ended = new AbortController();
  #endpoint: Endpoint;
  #session: MysqlSession | undefined;
  #admin: Promise<StatementSession> | undefined;
  #isFenced = false;
  #view: InstanceView | undefined;
  #viewAskedAt = Number.NEGATIVE_INFINITY;
  #answeredAt: number;
  #refusedSince: number | undefined;
  #denied: Extract<Contact, { kind: 'denied' | 'unsupported' }> | undefined;
  #pace: Pace = 'steady';
  #isLookDue = false;
  #poke: (() => void) | undefined;
  #told: Contact | undefined;
  /** How long the last answer counts. */
  #freshMs = 0;
  #aging: NodeJS.Timeout | undefined;

  constructor(options: InstanceWatchOptions) {
    this.#options = options;
    this.#endpoint = options.endpoint;
    this.#answeredAt = options.clock.nowMs();
  }

  /** What the last looks say now. */
  contact(): Contact {
    const now = this.#options.clock.nowMs();
    if (this.#denied !== undefined) return this.#denied;
    if (this.#refusedSince !== undefined) return { kind: 'refused', forMs: now - this.#refusedSince };
    const ageMs = now - this.#answeredAt;
    if (this.#view && ageMs <= this.#freshMs) return { kind: 'observed', view: this.#view, ageMs };
    if (!this.#view && ageMs < watchTiming.firstAnswerMs) return { kind: 'untried' };
    return { kind: 'silent', forMs: ageMs };
  }

  /** The last answer whatever its age. */
  get lastView(): InstanceView | undefined {
    return this.#view;
  }

  get isConnected(): boolean {
    return this.#session !== undefined && !this.#session.isClosed;
  }

  /** Connections made from now on log in like this; those that exist stay. */
  useLogin({ user, password }: Pick<Endpoint, 'user' | 'password'>): void {
    this.#endpoint = { ...this.#endpoint, user, password };
  }

  /** This process stood still: what it did not hear in that time says nothing about the server. */
  voidSilence(): void {
    this.#answeredAt = this.#options.clock.nowMs();
  }

  /** How often to look; at a pace that is faster than before, also now. */
  setPace(pace: Pace): void {
    const before = this.#pace;
    this.#pace = pace;
    if (watchTiming.pollMs[pace] < watchTiming.pollMs[before]) this.look();
  }

  /** Looks now by the admin session, so that the view is younger than this call. @throws MysqlError */
  async observeNow(session?: SqlSession): Promise<InstanceView> {
    return await this.#observe(session ?? (await this.admin()));
  }

  /** Look now; while a look is under way, once more after it: what that one asked may be older than the reason for this call. */
  look(): void {
    this.#isLookDue = true;
    this.#poke?.();
  }

  /** A session for statements that change something, apart from the one that observes, so that neither waits for the other. */
  async admin(): Promise<SqlSession> {
    return await this.#admit(watchTiming.adminConnectDeadlineMs);
  }

  async #admit(deadlineMs: number): Promise<StatementSession> {
    const current = await this.#admin?.catch(() => undefined);
    if (current && !current.isClosed) return current;
    this.#admin = this.#openForStatements(deadlineMs);
    return await this.#admin;
  }

  /** One more, for what has to be said while the first waits for an answer. Whoever asks for it ends it. */
  async secondAdmin(): Promise<SqlSession> {
    return await this.#openForStatements(watchTiming.adminConnectDeadlineMs);
  }

  /** Watches until `stop`. */
  async run(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      const startedAt = this.#options.clock.nowMs();
      this.#isLookDue = false;
      await this.#lookOnce();
      this.#tell();
      await this.#pause(signal, this.#options.clock.nowMs() - startedAt);
    }
    clearTimeout(this.#aging);
    this.#session?.destroy();
    (await this.#admin?.catch(() => undefined))?.destroy();
  }

  stop(): void {
    this.#ended.abort();
    this.#poke?.();
  }

  #tell(): void {
    const contact = this.contact();
    if (this.#pace !== 'urgent' && !isNews(contact, this.#told)) return;
    this.#told = contact;
    this.#options.onChange();
  }

  /** Looks take longer than an answer counts when the server hangs. */
  #awaitAge(): void {
    if (this.#ended.signal.aborted) return;
    const { pollMs, lateMs } = watchTiming;
    const freshMs = (this.#pace === 'calm' ? pollMs.calm : pollMs.steady) + lateMs;
    if (freshMs === this.#freshMs) {
      this.#aging?.refresh();
      return;
    }
    this.#freshMs = freshMs;
    clearTimeout(this.#aging);
    this.#aging = setTimeout(() => this.#tell(), freshMs + 1).unref();
  }

  async #lookOnce(): Promise<void> {
    const { clock, eventLoop } = this.#options;
    const startedAt = clock.nowMs();
    try {
      this.#session ??= await this.#connect();
      await this.#observe(this.#session);
    } catch (error: unknown) {
      this.#session?.destroy();
      this.#session = undefined;
      // That we stood still, or may not act here, says nothing of the server.
      if (error instanceof OutrunError || eventLoop.stalledSince(startedAt)) {
        this.#answeredAt = clock.nowMs();
        return;
      }
      this.#judge(MysqlError.from(error));
    }
  }

  async #openForStatements(deadlineMs: number): Promise<StatementSession> {
    const { tenure } = this.#options;
    const session = await StatementSession.open(this.#endpoint, tenure, { deadlineMs, signal: this.#ended.signal });
    this.#isFenced = true;
    return session;
  }

  async #connect(): Promise<MysqlSession> {
    // Once: whoever has lost the cluster opens no new one.
    if (!this.#isFenced) await this.#admit(watchTiming.connectDeadlineMs);
    const session = await MysqlSession.connect(this.#endpoint, {
      deadlineMs: watchTiming.connectDeadlineMs,
      signal: this.#ended.signal,
    });
    await requireFitness(session);
    void session.closed.then(() => {
      if (this.#session === session) this.#session = undefined;
      this.look();
    });
    // Kept ready as well: a failover must not wait for a login, and a primary whose commits wait may let nobody log in.
    this.#admit(watchTiming.connectDeadlineMs).catch(() => undefined);
    return session;
  }

  async #observe(session: SqlSession): Promise<InstanceView> {
    const { clock } = this.#options;
    const askedAtMs = clock.nowMs();
    const observation = await session.observe({ deadlineMs: watchTiming.observeDeadlineMs });
    this.#answeredAt = clock.nowMs();
    const view = this.#reader.read(observation, askedAtMs, this.#answeredAt);
    // Two sessions look: an answer that was long on its way doesn't replace what was asked later.
    if (askedAtMs >= this.#viewAskedAt) {
      this.#view = view;
      this.#viewAskedAt = askedAtMs;
    }
    this.#awaitAge();
    this.#refusedSince = undefined;
    this.#denied = undefined;
    return view;
  }

  #judge(error: MysqlError): void {
    const now = this.#options.clock.nowMs();
    switch (error.kind) {
      case 'Refused':
        this.#refusedSince ??= now;
        this.#denied = undefined;
        return;
      case 'AuthFailed':
      case 'TooManyConnections':
        this.#denied = {
          kind: 'denied',
          because: error.kind === 'AuthFailed' ? 'credentials' : 'connections',
          reason: error.message,
        };
        this.#refusedSince = undefined;
        return;
      case 'Unsupported':
        this.#denied = { kind: 'unsupported', reason: error.message };
        this.#refusedSince = undefined;
        return;
      default:
        // Time-outs, ends and resets: it is silent since its last answer, until it refuses or answers.
        this.#denied = undefined;
        this.#refusedSince = undefined;
    }
  }

  #pause(signal: AbortSignal, lookedForMs: number): Promise<void> {
    const { pollMs, reconnectMs, deniedRetryMs } = watchTiming;
    const absent = this.#denied === undefined ? reconnectMs : deniedRetryMs;
    const quiet = this.isConnected ? Math.max(pollMs[this.#pace] - lookedForMs, pollMs.urgent) : absent;
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#poke = undefined;
        resolve();
      };
      const timer = setTimeout(done, this.#pace === 'urgent' ? pollMs.urgent : quiet);
      this.#poke = done;
      if (signal.aborted || this.#isLookDue) done();
    });
  }
}

/** A server is an instance altogether or not at all. @throws MysqlError of kind Unsupported, naming what my.cnf lacks */
async function requireFitness(session: MysqlSession): Promise<void> {
  try {
    const missing = await missingSettings(session, { deadlineMs: watchTiming.observeDeadlineMs });
    if (missing.length > 0) throw new MysqlError('Unsupported', `its my.cnf lacks ${missing.join(', ')}`);
  } catch (error: unknown) {
    session.destroy();
    throw error;
  }
}
