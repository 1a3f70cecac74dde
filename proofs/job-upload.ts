/** Jobs of thousands of pictures arrive, and their results leave, in memory that does not grow with them; what is refused leaves nothing. */
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { multipart } from '../tests/support/http.js';
import { until } from '../tests/support/timing.js';
import { zipOf } from '../tests/support/zip.js';
import { prove } from './support/proof.js';
import { type ServiceProcess, startService, uploads, withoutProc } from './support/service-process.js';

const MOST_GROWTH_MB = 100;
const TINY = 10_000;
const VANISHING = 20;

await prove('job-upload', withoutProc(), async ({ short }) => {
  const [pictures, results] = short ? [300, 20_000] : [2_000, 1_000_000];
  const folder = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-pictures-'));
  const store = path.join(folder, 'store');
  const listed = path.join(folder, 'listed');
  await mkdir(listed);
  // Nobody works on the jobs: what they take in memory is for another proof.
  process.env.KAIYAN_RUN_JOBS = 'false';
  const service = await startService(['--job-pictures', store, '--job-folders', listed, '--log-level', 'info']);
  const kept = () => readdir(store).catch(() => []);
  try {
    await send(service, form(20));
    const large = await watched(service, () => send(service, form(pictures)));
    const many = await watched(service, () => send(service, tiny()));
    const before = (await kept()).length;
    for (let i = 0; i < VANISHING; i++) await vanish(service);
    const packed = bombOf();
    const bomb = await watched(service, () => refusedArchive(service, packed));
    const outside = await refusedArchive(service, zipOf([{ name: '../../evil.jpg', bytes: Buffer.from('x') }]));
    await until('the end of what was refused', async () => (await kept()).length === before);
    const download = await watched(service, () => downloads(service, listed, results));
    const figures = [
      figureOf(`${pictures} pictures (${(large.result.bytes / 1e6).toFixed(0)} MB) in one request`, large),
      figureOf(`${TINY} tiny files`, many),
      figureOf('a zip bomb', bomb),
      figureOf(`${results} results taken in and downloaded twice`, download),
      `${VANISHING} clients that vanish half-way leave nothing`,
    ];
    const violations = [
      ...missing(large.result, pictures),
      ...missing(many.result, TINY),
      ...[bomb.result, outside].filter((code) => code !== 'ARCHIVE_INVALID').map((code) => `an archive became ${code}`),
      ...download.result,
      ...[large, many, bomb, download]
        .filter(({ growth }) => growth > MOST_GROWTH_MB)
        .map(({ growth }) => `memory grew by ${growth.toFixed(0)} MB`),
      ...(await service.end()),
    ];
    return { figures: `${figures.join('; ')} (bound ${MOST_GROWTH_MB} MB)`, violations };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

function figureOf(what: string, { growth, seconds }: { readonly growth: number; readonly seconds: number }): string {
  return `${what}: ${seconds.toFixed(1)} s, memory +${Math.max(0, growth).toFixed(0)} MB`;
}

function missing({ counts: { total } }: Job, expected: number): string[] {
  return total === expected ? [] : [`${total} of ${expected} pictures arrived`];
}

interface Body {
  readonly type: string;
  readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Photographs with a mark of their own behind their end, so that none is another one. */
function form(count: number): Body {
  const boundary = 'a-boundary-of-the-proof';
  async function* pieces() {
    const files = uploads();
    for (let i = 0; i < count; i++) {
      const file = files[i % files.length] as string;
      yield Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="${path.basename(file)}"\r\n\r\n`,
      );
      yield Buffer.concat([await readFile(file), Buffer.from(` ${i}\r\n`)]);
    }
    yield Buffer.from(`--${boundary}--\r\n`);
  }
  return { type: `multipart/form-data; boundary=${boundary}`, pieces: pieces() };
}

function tiny(): Body {
  const { headers, payload } = multipart(
    ...Array.from({ length: TINY }, (_, i) => ({ field: 'image', content: `no picture ${i}`, filename: 'same.jpg' })),
  );
  return { type: headers['content-type'] as string, pieces: [payload] };
}

interface Job {
  readonly counts: { readonly total: number };
  readonly links: { readonly self: string; readonly jsonl: string; readonly csv: string };
  /** Of the request. */
  readonly bytes: number;
}

async function post(
  { port }: ServiceProcess,
  { type, pieces }: Body,
): Promise<{ status: number; text: string; bytes: number }> {
  const request = http.request({ port, method: 'POST', path: '/api/v1/jobs', headers: { 'content-type': type } });
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (!request.write(piece)) await Promise.race([once(request, 'drain'), answered]);
  }
  request.end();
  const [response] = await answered;
  return { status: response.statusCode ?? 0, text: Buffer.concat(await response.toArray()).toString(), bytes };
}

async function send(service: ServiceProcess, body: Body): Promise<Job> {
  const { status, text, bytes } = await post(service, body);
  if (status !== 202) throw new Error(`${status} ${text}`);
  return { ...(JSON.parse(text) as Job), bytes };
}

async function refusedArchive(service: ServiceProcess, archive: Buffer): Promise<string> {
  const { text } = await post(service, { type: 'application/zip', pieces: [archive] });
  return (JSON.parse(text) as { code?: string }).code ?? 'a job';
}

function bombOf(): Buffer {
  return zipOf(
    Array.from({ length: 40 }, (_, i) => ({ name: `${i}.jpg`, bytes: Buffer.alloc(19_000_000), deflated: true })),
  );
}

/** Sends half of a form, and leaves without a word. */
async function vanish({ port }: ServiceProcess): Promise<void> {
  const { type, pieces } = form(10);
  const request = http.request({ port, method: 'POST', path: '/api/v1/jobs', headers: { 'content-type': type } });
  request.on('error', () => undefined);
  let left = 11;
  for await (const piece of pieces) {
    if (left === 0) break;
    left -= 1;
    if (!request.write(piece)) await once(request, 'drain');
  }
  await sleep(50);
  request.destroy();
}

/** A job of so many items, from folders that are named again and again, and both downloads of it; what was wrong with them. */
async function downloads(service: ServiceProcess, folder: string, results: number): Promise<string[]> {
  const perFolder = 1_000;
  for (let i = 0; i < perFolder; i++) await writeFile(path.join(folder, `${i}.jpg`), `${i}`);
  const paths = Array.from({ length: results / perFolder }, () => folder);
  const job = await send(service, {
    ...{ type: 'application/json', pieces: [Buffer.from(JSON.stringify({ paths }))] },
  });
  const violations = missing(job, results);
  for (const [address, extra] of [
    [job.links.jsonl, 0],
    [job.links.csv, 1],
  ] as const) {
    const [response] = (await once(http.get(`${service.address}${address}`), 'response')) as [http.IncomingMessage];
    let lines = 0;
    for await (const piece of response as AsyncIterable<Buffer>) for (const byte of piece) if (byte === 10) lines += 1;
    if (lines !== results + extra) violations.push(`${address} has ${lines} lines`);
  }
  return violations;
}

/** How much more memory the service held meanwhile than before, at most. */
async function watched<Result>(service: ServiceProcess, work: () => Promise<Result>) {
  await sleep(1_000);
  const [before, begun] = [service.megabytes(), performance.now()];
  let most = before;
  const look = setInterval(() => {
    most = Math.max(most, service.megabytes());
  }, 50);
  try {
    const result = await work();
    return { result, growth: most - before, seconds: (performance.now() - begun) / 1000 };
  } finally {
    clearInterval(look);
  }
}
