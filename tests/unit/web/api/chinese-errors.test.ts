import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PICTURE_ERRORS } from '#kaiyan/server/openapi.js';
import { chineseErrors } from '#page/api/chinese-errors.js';

test('every error that a picture can meet has a Chinese sentence', () => {
  const sentences: Readonly<Record<string, string>> = chineseErrors;
  for (const code of [...PICTURE_ERRORS, 'RATE_LIMITED', 'UPLOAD_TIMEOUT', 'CLOSED', 'HOST_REFUSED', 'INTERNAL'])
    assert.match(sentences[code] ?? '', /^\p{Script=Han}.*。$/u, code);
});
