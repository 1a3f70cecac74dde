import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createThumbnailCache } from '#page/pictures/thumbnail-cache.js';

/** Fetches when told. */
function source() {
  const asked = new Map<string, { signal: AbortSignal; give: () => void; fail: () => void }>();
  const fetchBlob = (path: string, { signal }: { readonly signal: AbortSignal }) =>
    new Promise<Blob>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      asked.set(path, { signal, give: () => resolve(new Blob([path])), fail: () => reject(new Error('no')) });
    });
  return { asked, fetchBlob };
}

const textAt = async (url: string) => (await fetch(url)).text();

test('a small picture is fetched once for all who show it, and kept for the next ones', async () => {
  const { asked, fetchBlob } = source();
  const take = createThumbnailCache(fetchBlob, 10);
  const [one, other] = [take('a'), take('a')];
  assert.equal(asked.size, 1);
  asked.get('a')?.give();
  const url = await one.url;
  assert.equal(await other.url, url);
  one.release();
  other.release();
  assert.equal(await take('a').url, url);
  assert.equal(await textAt(url), 'a');
});

test('beyond its bound the picture that was looked at longest ago goes, but none that is shown', async () => {
  const { asked, fetchBlob } = source();
  const take = createThumbnailCache(fetchBlob, 2);
  const taken = ['a', 'b', 'c', 'd'].map((path) => take(path));
  for (const { give } of asked.values()) give();
  const urls = await Promise.all(taken.map(({ url }) => url));
  taken[1]?.release();
  taken[0]?.release();
  await assert.rejects(textAt(urls[0] ?? ''));
  await assert.rejects(textAt(urls[1] ?? ''));
  assert.deepEqual([await textAt(urls[2] ?? ''), await textAt(urls[3] ?? '')], ['c', 'd']);
});

test('what is scrolled past before it came is not fetched on, and what failed is tried again', async () => {
  const { asked, fetchBlob } = source();
  const take = createThumbnailCache(fetchBlob, 2);
  const passed = take('a');
  passed.release();
  await assert.rejects(passed.url);
  assert.equal(asked.get('a')?.signal.aborted, true);
  const failing = take('b');
  asked.get('b')?.fail();
  await assert.rejects(failing.url);
  const again = take('b');
  asked.get('b')?.give();
  assert.equal(await textAt(await again.url), 'b');
});
