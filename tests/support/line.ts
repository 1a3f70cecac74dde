/** The way to a service, which can be cut and mended. */

import type { AddressInfo } from 'node:net';
import net from 'node:net';
import type { TestContext } from 'node:test';

export interface Line {
  readonly port: number;
  /** Ends all connections, and refuses new ones. */
  readonly cut: () => void;
  readonly mend: () => void;
  /** Ends each connection when the service answers, before any of it is passed on. */
  readonly loseAnswers: () => void;
}

export async function lineTo(t: Pick<TestContext, 'after'>, port: number): Promise<Line> {
  const sockets = new Set<net.Socket>();
  let isCut = false;
  let isLosing = false;
  // Either end may say that it is done and go on listening, as on a line without anything between.
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const service = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const end = () => {
      client.destroy();
      service.destroy();
    };
    for (const socket of [client, service]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.pipe(service);
    service.on('data', (chunk) => {
      if (isLosing) end();
      else client.write(chunk);
    });
    service.on('end', () => client.end());
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend: () => {
      isCut = false;
      isLosing = false;
    },
    loseAnswers: () => {
      isLosing = true;
    },
  };
}
