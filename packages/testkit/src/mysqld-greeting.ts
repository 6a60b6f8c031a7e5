import { connect } from 'node:net';

/**
 * Whether mysqld takes connections: it greets first, and only once it is ready. A connection that comes earlier is refused, or waits in the
 * kernel's queue, so there is nothing to poll but the refusal.
 */
export async function isGreeted(port: number, deadlineMs: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const finish = (greeted: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(greeted);
    };
    const timer = setTimeout(() => {
      finish(false);
    }, deadlineMs);
    socket.once('error', () => {
      finish(false);
    });
    socket.once('close', () => {
      finish(false);
    });
    socket.once('data', (packet) => {
      // Length (3), sequence number (1), then the protocol's version, 10; an error packet has 0xff there.
      finish(packet[4] === 10);
    });
  });
}
