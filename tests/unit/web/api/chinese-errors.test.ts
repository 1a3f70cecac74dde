import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '#kaiyan/errors.js';
import { tooManyBytes, tooManyPixels } from '#kaiyan/image/limits.js';
import { tooManyPictures } from '#kaiyan/server/form-parser.js';
import { PICTURE_ERRORS } from '#kaiyan/server/openapi.js';
import { chineseFor } from '#page/api/chinese-errors.js';

test('every error that a picture can meet has a Chinese sentence', () => {
  for (const code of [...PICTURE_ERRORS, 'RATE_LIMITED', 'UPLOAD_TIMEOUT', 'CLOSED', 'HOST_REFUSED', 'INTERNAL'])
    assert.match(chineseFor(code, '') ?? '', /^\p{Script=Han}.*。$/u, code);
});

test('what is too large is said with its figures, as the service says it in English', () => {
  const request = (actual: string, limit: string, remedy: string) =>
    new AppError('REQUEST_TOO_LARGE', { actual, limit, remedy });
  const FEWER = 'Send fewer pictures at once, or raise the';
  const cases: readonly (readonly [AppError, string])[] = [
    [
      tooManyPixels(17_000, 17_000, 50_000_000),
      '图片不能超过 5000 万像素，这张有 17000 × 17000 像素（2.89 亿像素）。请缩小后再试，或请管理者调高 maxPixels。',
    ],
    [
      tooManyBytes(25_500_000, 20_000_000),
      '图片不能超过 20 MB，这张有 25.5 MB。请缩小后再试，或请管理者调高 maxBytes。',
    ],
    [tooManyPictures(32), '一次最多可以发送 32 张图片，这次超出了。请分几次发送。'],
    [tooManyPictures(1), '一次最多可以发送 1 张图片，这次超出了。请分几次发送。'],
    [
      request('200000000 bytes', '100000000 bytes', `${FEWER} setting maxRequestBytes`),
      '一次最多可以发送 100000000 字节，这次有 200000000 字节。请分几次发送，或请管理者调高 maxRequestBytes。',
    ],
    [
      request('more once it is unpacked', '10 pictures and 9 bytes', `${FEWER} settings maxJobPictures or maxJobBytes`),
      '一次最多可以发送 10 张图片、9 字节，这次解压后超出了。请分几次发送，或请管理者调高 maxJobPictures 或 maxJobBytes。',
    ],
  ];
  for (const [{ code, message }, chinese] of cases) assert.equal(chineseFor(code, message), chinese);
});

test('a sentence without figures is the one of its code, and what is unknown has none', () => {
  assert.match(chineseFor('IMAGE_TOO_LARGE', 'Too large.') ?? '', /^图片超出了服务允许的大小/);
  assert.equal(chineseFor('toString', ''), undefined);
});
