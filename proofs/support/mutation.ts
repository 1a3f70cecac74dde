/** Damages requests: what lies on the wire is not what a client meant. */
import type { Random } from './random.js';

const TOKENS = [
  '\r\n',
  '\n',
  '\r\n\r\n',
  '\0',
  ':',
  ' ',
  '\t',
  '%',
  '%00',
  '%zz',
  '--',
  ';',
  '"',
  ',',
  '\x7f',
  '\xff',
].concat([
  'Content-Length: 5\r\n',
  'Content-Length: -1\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Host: evil.example\r\n',
  'Connection: close\r\n',
  'Connection: upgrade\r\nUpgrade: x\r\n',
  'Expect: 100-continue\r\n',
  'HTTP/0.9',
  'HTTP/2.0',
  '99999999999999999999',
]);
/** Most of a request is its picture; its head and the form around it are what is worth damaging. */
const INTERESTING_BYTES = 400;

/** One to four changes. */
export function mutate(request: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(request);
  for (let left = 1 + random.below(4); left > 0; left--) bytes = random.pick(WAYS)(bytes, random);
  return bytes;
}

const at = (bytes: Buffer, random: Random) =>
  random.below(Math.max(1, random.chance(0.85) ? Math.min(bytes.length, INTERESTING_BYTES) : bytes.length));

const WAYS: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes, random) => {
    if (bytes.length > 0) bytes[at(bytes, random)] = random.below(256);
    return bytes;
  },
  (bytes, random) => insert(bytes, at(bytes, random), Buffer.from(random.pick(TOKENS), 'latin1')),
  (bytes, random) => {
    const from = at(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + random.below(40))]);
  },
  (bytes, random) => {
    const from = at(bytes, random);
    return insert(bytes, from, Buffer.from(bytes.subarray(from, from + 1 + random.below(60))));
  },
  (bytes, random) =>
    insert(
      bytes,
      at(bytes, random),
      Buffer.alloc(1 + random.below(random.chance(0.1) ? 20_000 : 200), random.below(256)),
    ),
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
];

function insert(bytes: Buffer, position: number, piece: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, position), piece, bytes.subarray(position)]);
}
