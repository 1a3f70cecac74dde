import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';
import type { Classification } from '#kaiyan/classification/classification.js';
import { createClassifier } from '#kaiyan/classification/classifier.js';
import { encode, gradient } from '../../support/drawings.js';
import { chunk, image, multipart, type Part, pictureHead, uploadHead } from '../../support/http.js';
import { examples, fixtures } from '../../support/paths.js';
import { listeningServiceFor, sharedService } from '../../support/service.js';
import { until } from '../../support/timing.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));
const coffee = await readFile(path.join(examples, 'coffee.png'));
const small = await readFile(path.join(fixtures, 'pillow/pictures/size-100x100.png'));
/** Takes long to decode. */
const slow = await encode(gradient(3000, 3000), 'PNG');

const CLASSIFY = '/api/v1/classify';
const LITE2 = 'efficientnet-lite2';

const MAX_BYTES = 1_000_000;
const MAX_REQUEST_BYTES = 2_500_000;
const service = sharedService({ maxBytes: MAX_BYTES, maxRequestBytes: MAX_REQUEST_BYTES });

interface Request {
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly payload?: Uint8Array | string;
}

type Failure = { readonly error: string; readonly code: string };

async function post({ query = '', headers = {}, payload }: Request = {}) {
  const body = payload === undefined ? {} : { payload: Buffer.from(payload) };
  const answer = await service().http.inject({ method: 'POST', url: `${CLASSIFY}${query}`, headers, ...body });
  const json = JSON.parse(answer.body) as Classification & Failure & readonly (Classification & Failure)[];
  return { status: answer.statusCode, headers: answer.headers, json, code: json.code };
}
const send = (...parts: readonly Part[]) => post(multipart(...parts));
const bare = (payload: Uint8Array | string, type?: string, query = '') =>
  post({ query, payload, headers: type === undefined ? {} : { 'content-type': type } });

function assertRefused({ status, json }: Awaited<ReturnType<typeof post>>, expected: number, code: string): string {
  assert.deepEqual([status, json.code], [expected, code], JSON.stringify(json));
  assert.match(json.error, /\. [A-Z].*\.$/, 'it says what to do');
  return json.error;
}

const withoutTiming = ({ timing, ...rest }: Classification) => {
  assert.ok(timing.totalMs > 0);
  return rest;
};

describe('one picture', () => {
  test('has the answer that the library gives for the same file, whichever way it is sent', async (t) => {
    const classifier = await createClassifier({ workers: 1, precision: 'int8', home: '/dev/null/kaiyan' });
    t.after(() => classifier.close());
    for (const [options, query] of [
      [{}, ''],
      [{ top: 7, lang: 'zh' }, '?top=7&lang=zh'],
    ] as const) {
      const expected = withoutTiming(await classifier.classify(coffee, options));
      for (const answer of [
        await post({ ...multipart(image(coffee)), query }),
        await bare(coffee, 'image/png', query),
        await bare(coffee, 'application/octet-stream', query),
        await bare(coffee, undefined, query),
      ]) {
        assert.equal(answer.status, 200);
        assert.deepEqual(withoutTiming(answer.json), expected);
      }
    }
  });

  test('is judged by its bytes, not by the declared type', async () => {
    for (const type of ['image/jpeg', 'IMAGE/PNG', 'image/x-unheard-of', 'image/png; charset=utf-8'])
      assert.equal((await bare(cat, type)).status, 200, type);
    assertRefused(await bare('%PDF-1.7', 'image/png'), 415, 'IMAGE_UNSUPPORTED');
  });

  for (const type of [
    ...['application/json', 'text/plain', 'text/plain; charset=utf-8', 'application/x-www-form-urlencoded'],
    ...['multipart/mixed; boundary=x', 'application/pdf', 'imaginary/png'],
  ]) {
    test(`is not expected in a body of the type ${type}: 415`, async () => {
      const error = assertRefused(await bare(cat, type), 415, 'MEDIA_TYPE_UNSUPPORTED');
      assert.ok(error.includes(type.split(';')[0] as string), error);
    });
  }

  test('is missed in a request without a body, and in a form without a picture', async () => {
    const note: Part = { field: 'note', content: 'x' };
    const text: Part = { field: 'image', content: 'cat.png' };
    const other: Part = { ...image(cat), field: 'picture' };
    for (const answer of [await post(), await send(), await send(note), await send(text), await send(other)])
      assert.match(assertRefused(answer, 400, 'IMAGE_MISSING'), /^No image uploaded/);
  });

  const bad: readonly [what: string, content: Uint8Array, status: number, code: string][] = [
    ['an empty file', new Uint8Array(0), 400, 'IMAGE_EMPTY'],
    ['a damaged picture', cat.subarray(0, 5000), 422, 'IMAGE_CORRUPT'],
    ['something else', Buffer.from('hello'), 415, 'IMAGE_UNSUPPORTED'],
    ['one byte too much', Buffer.alloc(MAX_BYTES + 1), 413, 'IMAGE_TOO_LARGE'],
    ['much too much', Buffer.alloc(MAX_BYTES * 4), 413, 'IMAGE_TOO_LARGE'],
  ];
  for (const [what, content, status, code] of bad) {
    test(`that is ${what} is refused with ${status} ${code}`, async () => {
      assertRefused(await bare(content, 'image/png'), status, code);
      if (content.length <= MAX_REQUEST_BYTES) assertRefused(await send(image(content)), status, code);
    });
  }

  test('may have as many bytes as the setting says', async () => {
    const padded = Buffer.concat([cat, Buffer.alloc(MAX_BYTES - cat.length)]);
    assert.equal((await bare(padded, 'image/png')).status, 200);
    assert.equal((await send(image(padded))).status, 200);
  });
});

describe('several pictures', () => {
  const top = ({ predictions }: Classification) => predictions[0]?.label;

  test('have their answers in their order, and those that fail their error in their place', async () => {
    const { status, json } = await send(
      image(cat),
      image(cat.subarray(0, 5000)),
      image(''),
      { field: 'note', content: 'between' },
      image('no picture'),
      image(Buffer.alloc(MAX_BYTES + 1)),
      image(coffee),
    );
    assert.equal(status, 200);
    const codes = json.map(({ code }) => code ?? 'ok');
    assert.deepEqual(codes, ['ok', 'IMAGE_CORRUPT', 'IMAGE_EMPTY', 'IMAGE_UNSUPPORTED', 'IMAGE_TOO_LARGE', 'ok']);
    assert.equal(top(json.at(-1) as Classification), 'espresso');
    assert.notEqual(top(json[0] as Classification), 'espresso');
    for (const one of json.filter(({ code }) => code)) assert.deepEqual(Object.keys(one).sort(), ['code', 'error']);
  });

  test('are an array also when all of them fail', async () => {
    const { status, json } = await send(image(''), image('x'));
    assert.equal(status, 200);
    assert.deepEqual(
      json.map(({ code }) => code),
      ['IMAGE_EMPTY', 'IMAGE_UNSUPPORTED'],
    );
  });

  test('may be 32, and one more is refused with all', async (t) => {
    const warn = t.mock.fn();
    process.on('warning', warn);
    t.after(() => process.off('warning', warn));
    const full = await send(...Array.from({ length: 32 }, () => image(small)));
    assert.equal(full.status, 200);
    assert.equal(full.json.length, 32);
    assert.ok(full.json.every(({ predictions }) => predictions.length === 3));
    const error = assertRefused(
      await send(...Array.from({ length: 33 }, () => image(small))),
      413,
      'REQUEST_TOO_LARGE',
    );
    assert.match(error, /32 pictures.*Send at most 32 at once\.$/);
    await until('nothing held', () => service().serving.load().bytes === 0);
    assert.equal(warn.mock.callCount(), 0, 'Node has nothing to warn of');
  });

  test('may have as many bytes together as the setting says, announced or not', async (t) => {
    const fits = [image(Buffer.alloc(900_000)), image(Buffer.alloc(900_000)), image(Buffer.alloc(700_000))];
    assert.equal((await send(...fits)).status, 200);
    assert.match(
      assertRefused(await send(...fits, image('x')), 413, 'REQUEST_TOO_LARGE'),
      /2500000 bytes.*maxRequestBytes/,
    );
    const announced = await service().connect();
    announced.send(uploadHead(MAX_REQUEST_BYTES + 100_000, CLASSIFY));
    assert.match((await announced.answer(2000)).body, /REQUEST_TOO_LARGE/);
    const { payload } = multipart(...fits, image('x'));
    const inChunks = await service().connect();
    t.after(inChunks.leave);
    inChunks.send(uploadHead('chunked', CLASSIFY), chunk(payload));
    const { status, body } = await inChunks.answer(2000);
    assert.deepEqual([status, (JSON.parse(body) as Failure).code], [413, 'REQUEST_TOO_LARGE']);
  });

  test('that no longer fit into the queue are refused in their place', async (t) => {
    const { http, serving } = await listeningServiceFor(t, { queueRequests: 1, queueBytes: 600_000 });
    const answer = await http.inject({
      ...{ method: 'POST', url: CLASSIFY },
      ...multipart(image(cat), image(small), image(coffee)),
    });
    assert.equal(answer.statusCode, 200);
    const [first, ...others] = answer.json() as (Classification & Failure)[];
    assert.equal(first?.code, undefined);
    assert.deepEqual(
      others.map(({ code }) => code),
      ['QUEUE_FULL', 'QUEUE_FULL'],
    );
    assert.deepEqual([serving.load().pictures, serving.load().bytes], [0, 0]);
  });

  test('hold no memory once they are answered, while others of their form are still on their way', async (t) => {
    const { connect, serving } = await listeningServiceFor(t);
    const junk = Buffer.alloc(10_000_000, 'no picture ');
    const { payload } = multipart(image(junk));
    const part = payload.subarray(0, payload.lastIndexOf('\r\n--') + 2);
    v8.setFlagsFromString('--expose-gc');
    const collect = vm.runInNewContext('gc') as () => void;
    collect();
    const before = process.memoryUsage().arrayBuffers;
    const connection = await connect();
    connection.send(uploadHead(90_000_000, CLASSIFY), part, part, part, part, part, part, pictureHead, 'slow');
    await until('all but the last answered', () => serving.load().pictures === 0 && serving.load().bytes === 4);
    await until('their memory is free', () => {
      collect();
      return process.memoryUsage().arrayBuffers - before < 15_000_000;
    });
  });
});

describe('the query', () => {
  test('chooses how many predictions, and the language', async () => {
    assert.equal((await bare(cat, 'image/png', '?top=1')).json.predictions.length, 1);
    assert.equal((await bare(cat, 'image/png', '?top=1000')).json.predictions.length, 1000);
    assert.match((await bare(cat, 'image/png', '?lang=zh')).json.answer.label ?? '', /猫/);
  });

  test('chooses from which probability on something is named', async () => {
    for (const [threshold, level, label] of [
      ['0.41', 'class', 'tiger-striped cat'],
      ['0.9', 'group', 'cat'],
      ['1', 'unsure', null],
    ]) {
      const { answer } = (await bare(cat, 'image/png', `?threshold=${threshold}`)).json;
      assert.deepEqual([answer.level, answer.label], [level, label]);
    }
  });

  test('chooses the model and its precision, which the answer and its header name', async () => {
    for (const [query, expected] of [
      ['', 'efficientnet-lite0 int8'],
      [`?model=${LITE2}`, `${LITE2} int8`],
      [`?model=${LITE2}&precision=int8`, `${LITE2} int8`],
      ['?precision=fp32', 'efficientnet-lite0 fp32'],
    ] as const) {
      const { status, headers, json } = await bare(coffee, 'image/png', query);
      assert.equal(status, 200);
      const { name, version, precision, digest } = json.model;
      assert.equal(`${name} ${precision}`, expected, query);
      assert.equal(headers['kaiyan-model'], `${name}@${version}+${digest}`);
    }
  });

  test('chooses the model that is named also when no picture has an answer', async () => {
    const { headers } = await post({ ...multipart(image('x'), image('y')), query: `?model=${LITE2}` });
    assert.match(headers['kaiyan-model'] as string, new RegExp(`^${LITE2}@`));
  });

  test('cannot choose a model that is not there, or a precision that it lacks', async () => {
    assert.match(assertRefused(await bare(cat, 'image/png', '?model=x'), 404, 'MODEL_NOT_FOUND'), /efficientnet-lite0/);
    const lacking = await bare(cat, 'image/png', `?model=${LITE2}&precision=fp32`);
    assert.match(assertRefused(lacking, 400, 'PRECISION_UNAVAILABLE'), /int8.*fp32/);
    assert.equal((await bare(cat, 'image/png')).status, 200);
  });

  const wrong: readonly [query: string, says: RegExp][] = [
    ['?top=0', /top in the query.*1 to 1000.*got 0/],
    ['?top=1001', /top.*1 to 1000/],
    ['?top=-1', /top.*1 to 1000/],
    ['?top=1.5', /top.*1 to 1000/],
    ['?top=1e2', /top.*1 to 1000/],
    ['?top=3%20', /top.*1 to 1000/],
    ['?top=', /top.*1 to 1000/],
    ['?top=ten', /top.*1 to 1000/],
    ['?top=1&top=2', /top.*1 to 1000/],
    ['?top[]=1', /nothing but .* in the query, but got "top\[\]"/],
    ['?lang=fr', /lang.*en or zh.*"fr"/],
    ['?lang=en&lang=zh', /lang.*en or zh/],
    ['?threshold=1.01', /threshold.*0 to 1/],
    ['?threshold=-0.5', /threshold.*0 to 1/],
    ['?threshold=high', /threshold.*0 to 1/],
    ['?threshold=0x1', /threshold.*0 to 1/],
    ['?threshold=', /threshold.*0 to 1/],
    ['?precision=int4', /precision.*auto, int8 or fp32/],
    ['?precision=', /precision/],
    ['?model=..%2f..%2fetc', /model.*name of a model/],
    ['?model=', /model.*name of a model/],
    ['?model=a&model=b', /model in the query/],
    [`?model=${'x'.repeat(5000)}`, /^.{0,400}$/],
    ['?colour=red', /nothing but .* in the query, but got "colour"/],
    ['?__proto__=1', /nothing but /],
    ['?constructor=1', /nothing but .* in the query, but got "constructor"/],
    ['?%E0%A4%A=1', /nothing but /],
  ];
  for (const [query, says] of wrong) {
    test(`${query.slice(0, 40)} is refused in a sentence`, async () => {
      assert.match(assertRefused(await bare(cat, 'image/png', query), 400, 'REQUEST_INVALID'), says);
    });
  }
});

describe('a client that leaves', () => {
  const nothingHeld = async () => {
    const { serving } = service();
    await until('nothing held', () => serving.load().pictures === 0 && serving.load().bytes === 0, 3000);
    assert.equal((await bare(cat, 'image/png')).status, 200);
  };

  test('in the middle of its upload gives back what it held', async () => {
    const bodies = [
      [uploadHead(500_000, CLASSIFY), pictureHead, 'a'],
      [uploadHead('chunked', CLASSIFY), chunk(pictureHead), chunk(cat.subarray(0, 1000))],
      [uploadHead(500_000, CLASSIFY, 'image/png'), cat.subarray(0, 1000)],
    ];
    for (const pieces of bodies) {
      const connection = await service().connect();
      connection.send(...pieces);
      await until('bytes', () => service().serving.load().bytes > 0);
      connection.leave();
      await nothingHeld();
    }
  });

  test('in the middle of the work gives back what it held', async () => {
    const { payload } = multipart(image(slow), image(slow), image(slow));
    for (const pieces of [
      [uploadHead(payload.length, CLASSIFY), payload],
      [uploadHead(slow.length, CLASSIFY, 'image/png'), slow],
      [uploadHead('chunked', CLASSIFY), chunk(payload.subarray(0, -10))],
    ]) {
      const connection = await service().connect();
      connection.send(...pieces);
      await until('a picture in hand', () => service().serving.load().pictures > 0);
      connection.leave();
      await nothingHeld();
    }
  });
});

describe('a body in chunks', () => {
  test('is answered like any other', async () => {
    const { payload } = multipart(image(coffee));
    for (const [head, body] of [
      [uploadHead('chunked', CLASSIFY), payload],
      [uploadHead('chunked', CLASSIFY, 'image/png'), coffee],
    ] as const) {
      const connection = await service().connect();
      const pieces = [0, 1, 2, 3].map((i) => body.subarray((i * body.length) / 4, ((i + 1) * body.length) / 4));
      connection.send(head, ...pieces.map(chunk), chunk(''));
      const { status, body: answer } = await connection.answer();
      assert.equal(status, 200, answer);
      assert.match(answer, /espresso/);
      connection.leave();
    }
  });

  test('of no bytes is an empty picture', async () => {
    const connection = await service().connect();
    connection.send(uploadHead('chunked', CLASSIFY, 'image/png'), chunk(''));
    assert.match((await connection.answer()).body, /IMAGE_EMPTY/);
    connection.leave();
  });
});

describe('a form that is odd', () => {
  const file = (disposition: string, content: Uint8Array | string = cat, more = '') =>
    Buffer.concat([
      Buffer.from(`--x\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ]);
  const form = (...parts: readonly (Uint8Array | string)[]): Request => ({
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    payload: Buffer.concat([...parts.map((part) => Buffer.from(part)), Buffer.from('--x--\r\n')]),
  });
  const picture = (filename: string) => form(file(`name="image"; filename=${filename}`));

  const harmless: readonly [what: string, request: Request][] = [
    ['a path as its name', picture('"../../../etc/passwd"')],
    ['a path of Windows as its name', picture('"C:\\\\x\\\\cat.png"')],
    ['control characters in its name', picture('"cat\u0000\u001b[31m\u0007.png"')],
    ['percent escapes in its name', picture('"%2e%2e%2f%00%0d%0a.png"')],
    ['an encoded name', picture(`"x"; filename*=UTF-8''%e7%8c%ab%zz.png`)],
    ['an empty name', picture('""')],
    ['nested quotes in its name', picture('"a\\"b\\\\\\"c.png"')],
    ['a name without quotes', picture('cat.png')],
    ['a very long name', picture(`"${'x'.repeat(10_000)}"`)],
    ['the name __proto__', picture('"__proto__"')],
    ['a header of a type that is none', form(file('name="image"; filename="x"', cat, 'Content-Type: /;;;\r\n'))],
    ['an unknown encoding', form(file('name="image"; filename="x"', cat, 'Content-Transfer-Encoding: rot13\r\n'))],
    ['huge headers of its part', form(file('name="image"; filename="x"', cat, `X-A: ${'a'.repeat(200_000)}\r\n`))],
    ['10,000 headers of its part', form(file('name="image"; filename="x"', cat, 'X-A: a\r\n'.repeat(10_000)))],
    ['text before its first boundary', form('hello\r\n', file('name="image"; filename="x"'))],
    [
      'other fields with the names of an object',
      form(file('name="__proto__"', 'x'), file('name="image"; filename="x"')),
    ],
  ];
  for (const [what, request] of harmless) {
    test(`with ${what} is answered all the same`, async () => {
      const { status, json } = await post(request);
      assert.equal(status, 200, JSON.stringify(json));
      assert.ok(json.predictions.length === 3);
    });
  }

  const type = (value: string): Request => ({ ...picture('"x"'), headers: { 'content-type': value } });
  const broken: readonly [what: string, request: Request][] = [
    ['no boundary', type('multipart/form-data')],
    ['an empty boundary', type('multipart/form-data; boundary=')],
    ['another boundary', type('multipart/form-data; boundary=y')],
    ['a boundary of 10,000 characters', type(`multipart/form-data; boundary=${'y'.repeat(10_000)}`)],
    ['no end', { ...picture('"x"'), payload: file('name="image"; filename="x"') }],
    ['an end within its headers', { ...picture('"x"'), payload: '--x\r\nContent-Dispo' }],
    ['no bytes', { ...picture('"x"'), payload: '' }],
    ['nothing but its end', form()],
    ['no headers of its part', form('--x\r\n\r\nhello\r\n')],
    ['a part without a name', form(file('filename="x"'))],
    ['a field with the name __proto__', form(file('name="__proto__"; filename="x"'))],
    ['a field with the name constructor', form(file('name="constructor"; filename="x"'))],
    ['a field with an empty name', form(file('name=""; filename="x"'))],
    ['a field with a control character in its name', form(file('name="image\u0000"; filename="x"'))],
    ['a field with an escape in its name', form(file('name="imag%65"; filename="x"'))],
    ['10,000 parts', form(...Array.from({ length: 10_000 }, (_, i) => file(`name="f${i}"`, 'x')))],
    ['10,000 pictures', form(...Array.from({ length: 10_000 }, () => file('name="image"; filename="x"', 'x')))],
    ['a form within the form', form(file('name="image"; filename="x"', '--y\r\n\r\nx\r\n--y--'))],
  ];
  for (const [what, request] of broken) {
    test(`with ${what} is refused with a code of the 400s`, async () => {
      const { status, code, json } = await post(request);
      assert.ok(status >= 400 && status < 500 && code, `${status} ${JSON.stringify(json)}`);
      assert.ok(json.error.length < 500, json.error);
    });
  }

  const ends: readonly [where: string, body: string][] = [
    ['nowhere', ''],
    ['before its first boundary', 'hello'],
    ['in the headers of a part', '--x\r\nContent-Dispo'],
    ['in a picture', `--x\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\nabc`],
    ['after a picture', `--x\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\nabc\r\n--x\r\n`],
    ['in a text', `--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nabc`],
  ];
  for (const [where, body] of ends) {
    for (const path of ['/predict', CLASSIFY]) {
      test(`that ends ${where} is told so by ${path} through a socket`, async () => {
        const connection = await service().connect();
        const sent = body === '' ? [] : [chunk(body)];
        connection.send(uploadHead('chunked', path, 'multipart/form-data; boundary=x'), ...sent);
        await sleep(20);
        connection.send(chunk(''));
        const answer = await connection.answer(3000);
        assert.deepEqual([answer.status, (JSON.parse(answer.body) as Failure).code], [400, 'REQUEST_INVALID']);
        connection.leave();
      });
    }
  }

  test('with more fields than anyone needs beside its pictures is refused, and told how many it may have', async () => {
    const others = (count: number) => Array.from({ length: count }, (_, i) => file(`name="f${i}"`, 'x'));
    assert.equal((await post(form(...others(20), file('name="image"; filename="x"')))).status, 200);
    const refused = await post(form(file('name="image"; filename="x"'), ...others(60)));
    assert.match(assertRefused(refused, 400, 'REQUEST_INVALID'), /more than 52 fields/);
  });

  test('leaves nothing behind, and nothing for the operator', async () => {
    const { serving, lines } = service();
    await until('nothing held', () => serving.load().pictures === 0 && serving.load().bytes === 0);
    assert.deepEqual(
      lines.filter(({ level }) => level === 'error' || level === 'warn'),
      [],
    );
    assert.equal((await bare(cat, 'image/png')).status, 200);
  });
});
