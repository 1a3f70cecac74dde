import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { exchange, type Reply, readable } from '#page/pages/api/exchange.js';

async function addressFor(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('what comes back is given whole, with its status and headers, also when it is a refusal', async (t) => {
  const address = await addressFor(t, (_request, response) =>
    response
      .writeHead(404, { 'Content-Type': 'application/json; charset=utf-8', 'X-Odd': 'yes' })
      .end('{"error":"猫"}'),
  );
  const replies: Reply[] = [];
  await exchange(address, {}, { signal: new AbortController().signal, onReply: (reply) => replies.push(reply) });
  const last = replies.at(-1);
  assert.ok(last?.body);
  assert.deepEqual([last.status, last.statusText, last.type, last.bytes], [404, 'Not Found', 'application/json', 15]);
  assert.deepEqual(
    last.headers.find(([name]) => name === 'x-odd'),
    ['x-odd', 'yes'],
  );
  assert.equal(readable(last), '{\n  "error": "猫"\n}');
  assert.equal(await last.body.text(), '{"error":"猫"}');
});

test('a text is given as it comes, characters whole, until it is stopped', async (t) => {
  const address = await addressFor(t, (_request, response) => {
    const [first, second] = [Buffer.from('data: 猫').subarray(0, 7), Buffer.from('data: 猫').subarray(7)];
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(first);
    setImmediate(() => response.write(second));
  });
  const ending = new AbortController();
  const texts: string[] = [];
  const running = exchange(
    address,
    {},
    {
      signal: ending.signal,
      onReply: ({ text, body }) => {
        texts.push(text);
        assert.equal(body, null);
        if (text.endsWith('猫')) ending.abort();
      },
    },
  );
  await assert.rejects(running, { name: 'AbortError' });
  assert.equal(texts.at(-1), 'data: 猫');
  assert.ok(texts.every((text) => 'data: 猫'.startsWith(text)));
});

test('a picture is given as bytes, and nothing as nothing', async (t) => {
  const bytes = Buffer.from([0xff, 0xd8, 0, 1]);
  const address = await addressFor(t, ({ url }, response) => {
    if (url === '/nothing') response.writeHead(204).end();
    else response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(bytes);
  });
  const lastOf = async (path: string) => {
    let last: Reply | undefined;
    const onReply = (reply: Reply) => {
      last = reply;
    };
    await exchange(address + path, {}, { signal: new AbortController().signal, onReply });
    return last;
  };
  const picture = await lastOf('picture');
  assert.equal(picture?.text, '');
  assert.ok(picture?.body);
  assert.deepEqual(Buffer.from(await picture.body.arrayBuffer()), bytes);
  const nothing = await lastOf('nothing');
  assert.deepEqual([nothing?.status, nothing?.body?.size], [204, 0]);
});
