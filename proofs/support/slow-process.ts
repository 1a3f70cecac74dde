/** Clients that hold a service up, in a process of their own: they send or read a byte a second, or nothing any more. */
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestFor, uploadHead } from './wire.js';

export interface SlowPlan {
  readonly port: number;
  /** So many of each kind. */
  readonly senders: number;
  readonly readers: number;
  readonly hanging: number;
  /** One that was cut is followed by another until then. */
  readonly seconds: number;
  /** From the last beginning to the end of each, at most. */
  readonly mostSeconds: number;
}

export interface SlowReport {
  readonly begun: number;
  /** What the service told those who were still sending, by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Those whose connection was not cut in time. */
  readonly left: number;
  readonly longestSeconds: number;
  /** Could not connect, or were cut without a word while sending. */
  readonly unheard: number;
}

const UPLOAD_BYTES = 1_000_000;
/** More than the buffers between the service and a client that does not read hold. */
const LARGE_ANSWERS_BYTES = 6_000_000;

/** They do not come, nor are cut, all at once. */
const SPREAD_MS = 4_000;

type Kind = 'sender' | 'reader' | 'hanging';

const plan = JSON.parse(process.argv[2] as string) as SlowPlan;
const largeRequests = await requestsForMuch();
const statuses: Record<string, number> = {};
const open = new Set<net.Socket>();
const sending = new Set<net.Socket>();
const counts = { begun: 0, unheard: 0, longest: 0 };
const end = performance.now() + SPREAD_MS + plan.seconds * 1000;
const ticks = setInterval(tick, 1000);

for (const [kind, count] of [
  ['sender', plan.senders],
  ['reader', plan.readers],
  ['hanging', plan.hanging],
] as const)
  for (let index = 0; index < count; index++) setTimeout(begin, (index / count) * SPREAD_MS, kind);
await sleep(SPREAD_MS);
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
await sleep(plan.seconds * 1000);
for (const late = end + plan.mostSeconds * 1000; open.size > 0 && performance.now() < late; ) await sleep(100);
clearInterval(ticks);
const report: SlowReport = {
  begun: counts.begun,
  statuses,
  left: open.size,
  longestSeconds: counts.longest / 1000,
  unheard: counts.unheard,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
for (const socket of open) socket.destroy();

function begin(kind: Kind): void {
  const begun = performance.now();
  const socket = net.connect({ port: plan.port, host: '127.0.0.1' });
  let heard = '';
  open.add(socket);
  counts.begun += 1;
  socket.on('error', () => undefined);
  socket.on('close', () => {
    open.delete(socket);
    sending.delete(socket);
    counts.longest = Math.max(counts.longest, performance.now() - begun);
    if (kind !== 'reader') note(heard);
    if (performance.now() < end) begin(kind);
  });
  if (kind === 'reader') {
    socket.pause();
    socket.write(largeRequests);
    return;
  }
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
  });
  socket.write(uploadHead(UPLOAD_BYTES));
  if (kind === 'sender') sending.add(socket);
}

/** Asks for the script of the page so often that the answers fill every buffer on their way. */
async function requestsForMuch(): Promise<Buffer> {
  const page = await fetch(`http://127.0.0.1:${plan.port}/`);
  const script = /<script[^>]* src="\.(\/assets\/[^"]+)"/.exec(await page.text())?.[1];
  if (!script) throw new Error('the page names no script');
  const answer = await fetch(`http://127.0.0.1:${plan.port}${script}`);
  const { byteLength } = await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${script} is answered with ${answer.status}`);
  return Buffer.concat(new Array<Buffer>(Math.ceil(LARGE_ANSWERS_BYTES / byteLength)).fill(requestFor(script)));
}

function tick(): void {
  for (const socket of open) {
    if (sending.has(socket)) socket.write('a');
    else if (socket.isPaused()) {
      socket.read(1);
      // One who does not read learns of the end only by writing; a line between requests means nothing.
      socket.write('\r\n');
    }
  }
}

function note(heard: string): void {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(heard)?.[1];
  if (status) statuses[status] = (statuses[status] ?? 0) + 1;
  else counts.unheard += 1;
}
