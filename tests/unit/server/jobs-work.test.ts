import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { image, multipart, type Part } from '../../support/http.js';
import { untilEnded } from '../../support/jobs.js';
import { examples } from '../../support/paths.js';
import { serviceFor } from '../../support/service.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));

test('the pictures of a job are answered as they would be at once, and those that cannot be say why', async (t) => {
  const { http, jobs } = await serviceFor(t);
  const at = (url: string) => http.inject(url);
  const send = (url: string, ...parts: readonly Part[]) => http.inject({ method: 'POST', url, ...multipart(...parts) });

  const parts = [image(cat, 'cat.png'), image('no picture', 'notes.txt'), image(cat, 'again.png')];
  const accepted = await send('/api/v1/jobs?top=2&lang=zh&thumbnails=true', ...parts);
  const { id, links } = accepted.json();
  const job = await untilEnded(jobs, id);
  assert.deepEqual([job.state, job.counts.answered, job.counts.failed], ['completed', 2, 1]);

  const [first, second, third] = (await at(links.results)).json().items;
  const { timing, ...direct } = (await send('/api/v1/classify?top=2&lang=zh', image(cat))).json();
  assert.deepEqual(first.result, direct);
  assert.deepEqual(third.result, direct);
  assert.equal(second.code, 'IMAGE_UNSUPPORTED');

  const thumbnail = await at(first.thumbnail);
  const { format, width, height } = await sharp(thumbnail.rawPayload).metadata();
  assert.equal(thumbnail.headers['content-type'], 'image/jpeg');
  assert.deepEqual([format, Math.max(width, height)], ['jpeg', 256]);

  assert.match((await at(links.csv)).body, /\r\n0,answered,cat\.png,.*\r\n1,failed,notes\.txt,.*IMAGE_UNSUPPORTED/);
  assert.equal((await at(links.jsonl)).body.split('\n').length, 4);
  assert.match((await at(links.events)).body, /event: job\nid: 3-end\n.*"completed"/);

  assert.equal((await http.inject({ method: 'DELETE', url: links.self })).statusCode, 204);
  assert.deepEqual([(await at(links.self)).statusCode, (await at(first.thumbnail)).statusCode], [404, 404]);
});
