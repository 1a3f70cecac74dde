import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import { createClassifier } from '#kaiyan/classification/classifier.js';
import { type Explanation, explain } from '#kaiyan/explanation/explain.js';
import { customBundle } from '../../support/bundles.js';
import { draw, encode, gradient } from '../../support/drawings.js';
import { temporaryFolder } from '../../support/folders.js';
import { image, multipart, uploadHead } from '../../support/http.js';
import { examples, fixtures } from '../../support/paths.js';
import { withoutHeic } from '../../support/requirements.js';
import { type Service, serviceFor, sharedService } from '../../support/service.js';
import { until } from '../../support/timing.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));
const coffee = await readFile(path.join(examples, 'coffee.png'));

/** Takes long to decode. */
const slow = await encode(gradient(3000, 3000), 'PNG');

const EXPLAIN = '/api/v1/explain';
const PREVIEW = '/api/v1/preview';
const service = sharedService();

type Failure = { readonly error: string; readonly code: string };
type Request = { readonly headers?: Record<string, string>; readonly payload?: Buffer };

async function post(url: string, request: Request = {}, { http }: Pick<Service, 'http'> = service()) {
  const { statusCode, headers, rawPayload } = await http.inject({ method: 'POST', url, ...request });
  const json = () => JSON.parse(rawPayload.toString()) as Explanation & Failure;
  return { status: statusCode, headers, type: headers['content-type'], bytes: rawPayload, json };
}
const form = (...contents: readonly (Uint8Array | string)[]) => multipart(...contents.map((content) => image(content)));
const bare = (payload: Buffer, type = 'image/png') => ({ headers: { 'content-type': type }, payload });

const withoutTiming = ({ timing, ...rest }: Explanation) => {
  assert.ok(timing.totalMs > 0);
  return rest;
};

function assertRefused({ status, json }: Awaited<ReturnType<typeof post>>, expected: number, code: string): string {
  assert.deepEqual([status, json().code], [expected, code]);
  return json().error;
}

describe('an explanation over HTTP', () => {
  test('is that of the library for the same file, whichever way it is sent', async (t) => {
    const classifier = await createClassifier({ workers: 1, precision: 'int8', home: '/dev/null/kaiyan' });
    t.after(() => classifier.close());
    for (const [options, query] of [
      [{ top: 5 }, ''],
      [{ class: 281, top: 2, lang: 'zh' }, '?class=281&top=2&lang=zh'],
      [{ class: '虎纹猫', top: 5 }, `?class=${encodeURIComponent('虎纹猫')}&format=json`],
    ] as const) {
      const expected = withoutTiming(await explain(classifier, cat, options));
      for (const request of [form(cat), bare(cat), bare(cat, 'application/octet-stream')]) {
        const { status, headers, json } = await post(`${EXPLAIN}${query}`, request);
        assert.equal(status, 200);
        assert.deepEqual(withoutTiming(json()), expected);
        assert.equal(headers['kaiyan-model'], 'efficientnet-lite0@1+7dfaaf447a93');
      }
    }
  });

  test('can be of another model and precision than the active one', async () => {
    const { json, headers } = await post(`${EXPLAIN}?model=efficientnet-lite2`, form(coffee));
    assert.deepEqual([json().model.name, json().grid.rows, json().grid.columns], ['efficientnet-lite2', 9, 9]);
    assert.match(headers['kaiyan-model'] as string, /^efficientnet-lite2@1\+/);
    const exact = (await post(`${EXPLAIN}?precision=fp32`, form(coffee))).json();
    const mean = exact.grid.values.reduce((sum, value) => sum + value, 0) / exact.grid.values.length;
    assert.ok(Math.abs(mean - (exact.class.logit - (exact.class.bias ?? 0))) <= 1e-3);
  });

  test('says where the grid lies in a picture that its camera held sideways', async () => {
    const sideways = await sharp(gradientPixels(300, 200), { raw: { width: 300, height: 200, channels: 3 } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { picture, crop } = (await post(EXPLAIN, bare(sideways, 'image/jpeg'))).json();
    assert.deepEqual(picture, { width: 200, height: 300 });
    assert.deepEqual([crop.x, crop.width, crop.height], [12.5, 175, 175]);
    assert.ok(Math.abs(crop.y + crop.height / 2 - 150) < 1);
  });

  test('can be a picture, whose size is that of the upright one, at most 1024 pixels', async () => {
    for (const [picture, query, expected] of [
      [cat, '', [451, 300]],
      [await encode(gradient(3000, 1500), 'JPEG'), '&class=3&opacity=1', [1024, 512]],
      [await encode(gradient(40, 30), 'PNG'), '&opacity=0', [40, 30]],
    ] as const) {
      const { status, type, bytes, headers } = await post(`${EXPLAIN}?format=png${query}`, form(picture));
      assert.deepEqual([status, type], [200, 'image/png']);
      assert.match(headers['kaiyan-model'] as string, /^efficientnet-lite0@1\+/);
      const { format, width, height } = await sharp(bytes).metadata();
      assert.deepEqual([format, width, height], ['png', ...expected]);
    }
  });

  test('shows the picture itself within the crop where the heat is not opaque at all', async () => {
    const { bytes } = await post(`${EXPLAIN}?format=png&opacity=0`, form(cat));
    const region = { left: 150, top: 60, width: 100, height: 100 };
    const [drawn, own] = await Promise.all([bytes, cat].map((one) => sharp(one).extract(region).raw().toBuffer()));
    assert.deepEqual(drawn, own);
  });

  test('of a network that has to be tried is given as well, and says that it is approximate', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'plain', { output: { logits: 'logits' } });
    const other = await serviceFor(t, { home, model: 'plain', precision: 'int8' });
    const { method, exact, grid, class: explained } = (await post(EXPLAIN, form(coffee), other)).json();
    assert.deepEqual([method, exact, explained.bias, grid.values.length], ['occlusion', false, null, 49]);
    const { type } = await post(`${EXPLAIN}?format=png`, form(coffee), other);
    assert.equal(type, 'image/png');
  });

  test('counts as one picture that was answered', async () => {
    const count = async () => {
      const { body } = await service().http.inject('/metrics');
      return Number(/^kaiyan_answers_total\{code="ok"\} (\d+)/m.exec(body)?.[1] ?? 0);
    };
    const before = await count();
    await post(EXPLAIN, form(coffee));
    await post(`${EXPLAIN}?format=png`, form(coffee));
    await post(PREVIEW, form(coffee));
    assert.equal(await count(), before + 2);
  });
});

const gradientPixels = (width: number, height: number) =>
  Buffer.from(Array.from({ length: width * height * 3 }, (_, i) => i % 251));

describe('a preview', () => {
  const size = async (bytes: Uint8Array) => {
    const { format, width, height } = await sharp(bytes).metadata();
    return [format, width, height];
  };

  test('is an upright JPEG, at most as large as asked for', async () => {
    const large = await encode(gradient(1600, 800), 'TIFF');
    for (const [picture, query, expected] of [
      [large, '', [1024, 512]],
      [large, '?size=16', [16, 8]],
      [large, '?size=2048', [1600, 800]],
      [cat, '?size=300', [300, 200]],
    ] as const) {
      const { status, type, bytes } = await post(`${PREVIEW}${query}`, bare(picture as Buffer, 'image/x-any'));
      assert.deepEqual([status, type], [200, 'image/jpeg']);
      assert.deepEqual(await size(bytes), ['jpeg', ...expected]);
    }
    const sideways = await sharp(gradientPixels(300, 200), { raw: { width: 300, height: 200, channels: 3 } })
      .withMetadata({ orientation: 8 })
      .jpeg()
      .toBuffer();
    assert.deepEqual(await size((await post(PREVIEW, form(sideways))).bytes), ['jpeg', 200, 300]);
  });

  test('shows what the picture shows', async () => {
    const halves = await encode(
      draw(800, 400, (x) => (x < 400 ? [200, 30, 40] : [20, 90, 210])),
      'TIFF',
    );
    const { bytes } = await post(`${PREVIEW}?size=400`, form(halves));
    for (const [left, expected] of [
      [40, [200, 30, 40]],
      [300, [20, 90, 210]],
    ] as const) {
      const part = await sharp(bytes).extract({ left, top: 50, width: 60, height: 60 }).toBuffer();
      const { channels } = await sharp(part).stats();
      for (const [i, { mean }] of channels.entries()) assert.ok(Math.abs(mean - (expected[i] ?? 0)) < 8);
    }
  });

  test('is made of what browsers cannot show: HEIC', { skip: withoutHeic() }, async () => {
    const heic = await readFile(path.join(fixtures, 'heic/small.heic'));
    const { status, bytes } = await post(`${PREVIEW}?size=32`, bare(heic, 'image/heic'));
    assert.equal(status, 200);
    const [format, width = 0, height = 0] = (await size(bytes)) as [string, number, number];
    assert.deepEqual([format, Math.max(width, height)], ['jpeg', 32]);
  });

  test('has nothing in it of what the camera wrote', async () => {
    const tagged = await sharp(cat)
      .withExif({ IFD0: { Artist: 'somebody' } })
      .jpeg()
      .toBuffer();
    const { bytes } = await post(PREVIEW, form(tagged));
    assert.equal((await sharp(bytes).metadata()).exif, undefined);
    assert.ok(!bytes.includes('somebody'));
  });
});

describe('what is refused', () => {
  for (const url of [EXPLAIN, PREVIEW]) {
    test(`at ${url} is no picture, several, or something else`, async () => {
      assertRefused(await post(url), 400, 'IMAGE_MISSING');
      assertRefused(await post(url, multipart({ field: 'other', content: cat })), 400, 'IMAGE_MISSING');
      assertRefused(await post(url, form('')), 400, 'IMAGE_EMPTY');
      assertRefused(await post(url, form('x')), 415, 'IMAGE_UNSUPPORTED');
      assertRefused(await post(url, form(cat.subarray(0, 5000))), 422, 'IMAGE_CORRUPT');
      assertRefused(await post(url, bare(cat, 'text/plain')), 415, 'MEDIA_TYPE_UNSUPPORTED');
      assert.match(assertRefused(await post(url, form(cat, coffee)), 413, 'REQUEST_TOO_LARGE'), /one picture/);
      assertRefused(await post(url, form(Buffer.alloc(21_000_000))), 413, 'IMAGE_TOO_LARGE');
      assert.match(
        assertRefused(await post(`${url}?x=1`, form(cat)), 400, 'REQUEST_INVALID'),
        /in the query, but got "x"/,
      );
    });
  }

  test('is what finds no room, at once', async (t) => {
    const full = await serviceFor(t, { queueRequests: 1 });
    for (const url of [EXPLAIN, PREVIEW]) {
      const place = full.serving.admit();
      place.arrive();
      const refused = await post(url, form(cat), full);
      assertRefused(refused, 429, 'QUEUE_FULL');
      assert.ok(Number(refused.headers['retry-after']) >= 1);
      place.leave();
      assert.equal((await post(url, form(cat), full)).status, 200);
      assert.deepEqual([full.serving.load().pictures, full.serving.load().bytes], [0, 0]);
    }
  });

  test('is what takes longer than the deadline', async (t) => {
    const hasty = await serviceFor(t, { deadlineMs: 1 });
    for (const url of [EXPLAIN, PREVIEW]) assertRefused(await post(url, form(slow), hasty), 504, 'DEADLINE_EXCEEDED');
  });

  test('is given up when its client leaves', async () => {
    for (const url of [EXPLAIN, PREVIEW]) {
      const { payload } = multipart(image(slow));
      const connection = await service().connect();
      connection.send(uploadHead(payload.length, url), payload);
      await until('the picture', () => service().serving.load().pictures === 1);
      connection.leave();
      await until('its place to be free', () => service().serving.load().pictures === 0);
    }
  });

  test('is a class that the model does not have', async () => {
    for (const wanted of ['1000', '-1', 'nothing'])
      assert.match(
        assertRefused(await post(`${EXPLAIN}?class=${wanted}`, form(cat)), 404, 'CLASS_NOT_FOUND'),
        /efficientnet-lite0@1 \(0 to 999, or a name\).*GET \/api\/v1\/labels/,
      );
  });

  test('is a question that makes no sense', async () => {
    for (const query of [
      'opacity=1.1',
      'opacity=-1',
      'opacity=',
      'opacity=%20',
      'opacity=x',
      'format=gif',
      'class=',
      'top=0',
    ])
      assertRefused(await post(`${EXPLAIN}?${query}`, form(cat)), 400, 'REQUEST_INVALID');
    for (const query of ['size=15', 'size=2049', 'size=', 'size=1e2', 'size=-5'])
      assertRefused(await post(`${PREVIEW}?${query}`, form(cat)), 400, 'REQUEST_INVALID');
    assertRefused(await post(`${EXPLAIN}?model=x`, form(cat)), 404, 'MODEL_NOT_FOUND');
    assertRefused(
      await post(`${EXPLAIN}?model=efficientnet-lite2&precision=fp32`, form(cat)),
      400,
      'PRECISION_UNAVAILABLE',
    );
  });
});
