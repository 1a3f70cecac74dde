/** Sends bytes, whatever they are, and takes all that comes back. */
import net from 'node:net';
import { takeAnswer, type WireAnswer } from './wire.js';

export interface Exchange {
  readonly answers: readonly WireAnswer[];
  /** Bytes that were no answer. */
  readonly rest: Buffer;
  readonly closed: boolean;
  readonly seconds: number;
}

export interface Waiting {
  /** For the first answer or the end. */
  readonly mostMs: number;
  /** For more, once there was one. */
  readonly quietMs: number;
}

/** Ends when the service closes the connection, or when nothing more comes. */
export async function exchange(port: number, bytes: Buffer, { mostMs, quietMs }: Waiting): Promise<Exchange> {
  const begun = performance.now();
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const answers: WireAnswer[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let closed = false;
  await new Promise<void>((resolve) => {
    let timer = setTimeout(resolve, mostMs);
    const end = () => {
      closed = true;
      clearTimeout(timer);
      resolve();
    };
    socket.on('error', end).on('end', end).on('close', end);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (let found = takeAnswer(rest); found; found = takeAnswer(rest)) {
        answers.push(found.answer);
        rest = found.rest;
      }
      clearTimeout(timer);
      const isOnlyContinue = answers.every(({ status }) => status === 100);
      timer = setTimeout(resolve, isOnlyContinue ? mostMs : quietMs);
    });
    socket.write(bytes);
  });
  socket.destroy();
  return { answers, rest, closed, seconds: (performance.now() - begun) / 1000 };
}
