import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  cloneFrom,
  MysqlSession,
  openWrites,
  setSuperReadOnly,
  setValidDonors,
  stopReplication,
} from '@pilotfish/mysql';
import { eventually, type Mysqld } from '@pilotfish/testkit';

const deadline = { deadlineMs: 30_000 };

/** Fake of the agent's HTTP API over a real mysqld: it kills, clones and bootstraps for real, and saves nothing. */
export class FakeAgent {
  readonly mysqld: Mysqld;
  readonly #server: Server;
  #phase = 'ready';
  #starting: Promise<void> | undefined;
  readonly savedErrant: string[] = [];
  fences = 0;
  /** What its volume looks like; tests change it. */
  readonly disk = { totalBytes: 1e9, freeBytes: 5e8, readOnly: false, stalledMs: 0 };
  isolated = false;
  /** Nothing answers at its port. */
  absent = false;
  /** As one that can't write its hold file. */
  refuseHolds = false;

  private constructor(mysqld: Mysqld) {
    this.mysqld = mysqld;
    this.#server = createServer((request, response) => {
      if (this.absent) {
        request.destroy();
        return;
      }
      this.#handle(request).then(
        (answer) => response.end(JSON.stringify(answer)),
        (error: unknown) => {
          response.statusCode = 500;
          response.end(String(error));
        },
      );
    });
  }

  static async start(mysqld: Mysqld): Promise<FakeAgent> {
    const agent = new FakeAgent(mysqld);
    await new Promise<void>((resolve) => agent.#server.listen(0, resolve));
    return agent;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage): Promise<unknown> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    switch (request.url) {
      case '/v1/bootstrap':
        await this.#bootstrap();
        return {};
      case '/v1/fence':
        if (this.refuseHolds && body.hold === true) throw new Error('no space left on device');
        if (body.hold !== true) this.fences += 1;
        this.mysqld.kill('SIGKILL');
        await this.mysqld.exited();
        if (body.hold !== true) await this.startAgain();
        return {};
      case '/v1/unfence':
        await this.startAgain();
        return {};
      case '/v1/no-ops':
        return { noOps: '' };
      case '/v1/clone':
        if (typeof body.saveErrant === 'string') this.savedErrant.push(body.saveErrant);
        this.#phase = 'cloning';
        this.#clone(String(body.donorHost), Number(body.donorPort)).then(
          () => (this.#phase = 'ready'),
          () => (this.#phase = 'failed'),
        );
        return {};
      default:
        return request.url?.startsWith('/v1/watch') ? await this.#report(request.url) : this.#state();
    }
  }

  /** Two orders at once start one server. */
  async startAgain(): Promise<void> {
    if (this.mysqld.isRunning && this.#starting === undefined) return;
    this.#starting ??= this.#startUntilItRuns().finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
  }

  /** One that is killed by another order before it is up is started once more, as its container would be. */
  async #startUntilItRuns(): Promise<void> {
    const { fences } = this;
    try {
      await this.mysqld.start();
    } catch (error: unknown) {
      if (this.fences === fences) throw error;
      await this.#startUntilItRuns();
    }
  }

  #state(): object {
    return {
      mysqld: { running: true, blank: false },
      provisioning: { phase: this.#phase },
      isolation: { isolated: this.isolated },
      disk: this.disk,
      errantSaved: [],
    };
  }

  /** Held until the state is another one, and for a second at most. */
  async #report(url: string): Promise<object> {
    const since = new URL(url, 'http://agent').searchParams.get('since');
    const version = (): string => JSON.stringify(this.#state());
    await eventually(() => version() !== since, { deadlineMs: 1_000, describe: 'a change' }).catch(() => undefined);
    return { version: version(), state: this.#state() };
  }

  async #bootstrap(): Promise<void> {
    const session = await MysqlSession.connect(this.mysqld.root, deadline);
    await openWrites(session, deadline);
    await session.query('CREATE DATABASE IF NOT EXISTS app', [], deadline);
    await session.query('CREATE TABLE IF NOT EXISTS app.t (id INT PRIMARY KEY)', [], deadline);
    await setSuperReadOnly(session, deadline);
    session.destroy();
  }

  /** Until the server is back with the copy, as the real one reports it. */
  async #clone(host: string, port: number): Promise<void> {
    const { pid } = this.mysqld;
    const session = await MysqlSession.connect(this.mysqld.root, deadline);
    await stopReplication(session, deadline);
    await session.query('SET GLOBAL super_read_only = OFF', [], deadline);
    await setValidDonors(session, [{ host, port }], deadline);
    const { user, password } = this.mysqld.replication;
    await cloneFrom(session, { host, port, user, password }, { deadlineMs: 120_000 });
    session.destroy();
    const isBack = async (): Promise<boolean> => {
      if (!this.mysqld.isRunning || this.mysqld.pid === pid) return false;
      (await MysqlSession.connect(this.mysqld.root, deadline)).destroy();
      return true;
    };
    await eventually(isBack, { ...deadline, describe: 'the server to be back with the copy' });
  }
}
