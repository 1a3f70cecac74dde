/**
 * The load on one server, in a process of its own, so that its CPU time can be told from the server's:
 * `node build/bench/bench/http.js --port 5000 --server-pid PID --clients 16 --seconds 5 --warm-up 1 --images FOLDER`.
 * Prints what it measured as JSON.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { image, multipart } from '../tests/support/http.js';
import { measure } from './load.js';
import { picturesIn } from './photographs.js';

const required = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{ port: required, 'server-pid': required, clients: required, seconds: required },
    ...{ 'warm-up': required, images: required },
  },
});

/** The whole request, built before the load begins. */
function uploadOf(file: string): Buffer {
  const type = `image/${path.extname(file).slice(1).toLowerCase().replace('jpg', 'jpeg')}`;
  const { headers, payload } = multipart(image(readFileSync(file), path.basename(file), type));
  const head = [
    'POST /predict HTTP/1.1',
    'Host: 127.0.0.1',
    `Content-Type: ${headers['content-type']}`,
    `Content-Length: ${payload.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), payload]);
}

const measured = await measure({
  port: Number(values.port),
  serverPid: Number(values['server-pid']),
  clients: Number(values.clients),
  requests: picturesIn(values.images ?? '').map(uploadOf),
  warmUpMs: Number(values['warm-up']) * 1000,
  windowMs: Number(values.seconds) * 1000,
});
process.stdout.write(`${JSON.stringify(measured)}\n`);
