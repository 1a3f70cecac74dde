import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { PICTURE_ERRORS } from '#kaiyan/server/openapi.js';
import { project } from '../../support/paths.js';

/** As the browser gets it. */
const { chineseErrors } = (await import(pathToFileURL(path.join(project, 'dist/web/messages.js')).href)) as {
  readonly chineseErrors: Readonly<Record<string, string>>;
};

test('every error that a picture can meet has a Chinese sentence', () => {
  for (const code of [...PICTURE_ERRORS, 'RATE_LIMITED', 'UPLOAD_TIMEOUT', 'CLOSED', 'HOST_REFUSED', 'INTERNAL'])
    assert.match(chineseErrors[code] ?? '', /^\p{Script=Han}.*。$/u, code);
});
