import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { type SnippetBody, type SnippetCall, type Snippets, snippetsFor } from '#page/api/snippets.js';
import { temporaryFolder } from '../../support/folders.js';
import { python, withoutCommand, withoutPython } from '../../support/requirements.js';

const run = promisify(execFile);

interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The programs that people paste a snippet into. */
const WAYS: Readonly<
  Record<keyof Snippets, { readonly skip: string | false; readonly file: string; readonly by: string }>
> = {
  curl: { skip: withoutCommand('curl'), file: 'call.sh', by: 'sh' },
  python: { skip: withoutPython('requests'), file: 'call.py', by: python },
  javascript: { skip: false, file: 'call.mjs', by: process.execPath },
};

const NAMES = [
  'cat.jpg',
  `it's 100 % $HOME \`id\` !.png`,
  '一只 猫.jpeg',
  '-dash;type=x,y.png',
  'back\\slash "quoted".png',
];

describe('a call as a snippet', () => {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url = '', headers } = request;
    received.push({ method, url, headers: headers as Record<string, string>, body: Buffer.concat(chunks) });
    response.setHeader('Content-Type', 'application/json').end('{"label":"猫","sure":true}');
  });
  let url: string;
  before(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/it`;
  });
  after(() => server.close());

  /** Runs the snippet in a folder that has the files, and gives what the service received, and what was printed. */
  async function runIn(folder: string, way: keyof Snippets, call: Omit<SnippetCall, 'url'>) {
    const { file, by } = WAYS[way];
    received.length = 0;
    await writeFile(path.join(folder, file), snippetsFor({ url, ...call })[way]);
    const env = { ...process.env, NO_PROXY: '*', no_proxy: '*', PYTHONIOENCODING: 'utf8' };
    const { stdout } = await run(by, [file], { cwd: folder, timeout: 60_000, env });
    const [request] = received;
    assert.ok(request);
    assert.equal(received.length, 1);
    return { ...request, stdout };
  }

  async function folderWith(t: TestContext, names: readonly string[]): Promise<string> {
    const folder = await temporaryFolder(t);
    for (const name of names) await writeFile(path.join(folder, name), bytesOf(name));
    return folder;
  }

  for (const [way, { skip }] of Object.entries(WAYS) as [keyof Snippets, { skip: string | false }][]) {
    test(`${way}: sends the query and the headers as they are, and shows the answer`, { skip }, async (t) => {
      const query = {
        lang: 'zh',
        q: `a&b=c d+e 'f' "g" 100% 猫 $HOME`,
        top: 3,
        thumbnails: true,
        none: null,
        empty: '',
      };
      const headers = { Authorization: `Bearer it's "$KEY" \\ \`id\``, 'X-Empty': '' };
      const {
        method,
        url: asked,
        headers: got,
        stdout,
      } = await runIn(await temporaryFolder(t), way, {
        ...{ method: 'GET', query, headers, body: null },
      });
      assert.equal(method, 'GET');
      assert.deepEqual(
        [...new URL(asked, url).searchParams],
        [
          ['lang', 'zh'],
          ['q', query.q],
          ['top', '3'],
          ['thumbnails', 'true'],
        ],
      );
      assert.equal(got.authorization, headers.Authorization);
      assert.equal(got['x-empty'], undefined);
      assert.match(stdout, /label.*猫/);
    });

    test(`${way}: sends JSON with every kind of value`, { skip }, async (t) => {
      const value = {
        text: `it's "so" \\ \n\t\u2028 猫 😀`,
        list: [1, -2.5, 1e21, true, false, null, [], {}],
        'odd "key"': { model: 'a' },
      };
      const sent = await runIn(await temporaryFolder(t), way, { method: 'put', body: { kind: 'json', value } });
      assert.equal(sent.method, 'PUT');
      assert.equal(sent.headers['content-type'], 'application/json');
      assert.deepEqual(JSON.parse(sent.body.toString()), value);
    });

    test(`${way}: sends a bare file of any name, byte by byte`, { skip }, async (t) => {
      const folder = await folderWith(t, NAMES);
      for (const name of NAMES) {
        const body: SnippetBody = { kind: 'file', name, type: 'image/x-odd' };
        const sent = await runIn(folder, way, { method: 'POST', body });
        assert.equal(sent.method, 'POST');
        assert.equal(sent.headers['content-type'], 'image/x-odd');
        assert.deepEqual(sent.body, bytesOf(name), name);
      }
    });

    test(`${way}: sends one file or several in a form`, { skip }, async (t) => {
      const folder = await folderWith(t, NAMES);
      const files = NAMES.map((name) => ({ name, type: 'image/png' }));
      const bodies: readonly [SnippetBody, readonly string[]][] = [
        [{ kind: 'file', field: 'image', name: 'cat.jpg', type: 'image/png' }, ['cat.jpg']],
        [{ kind: 'files', field: 'image', files }, NAMES],
      ];
      for (const [body, names] of bodies) {
        const { headers, body: form } = await runIn(folder, way, { method: 'POST', body });
        const type = headers['content-type'] ?? '';
        const parts = (await new Response(form, { headers: { 'Content-Type': type } }).formData()).getAll('image');
        const contents = await Promise.all(
          parts.map(async (part) => {
            assert.ok(part instanceof Blob);
            assert.equal(part.type, 'image/png');
            return Buffer.from(await part.arrayBuffer());
          }),
        );
        assert.deepEqual(contents, names.map(bytesOf));
      }
    });

    test(`${way}: keeps an answer as a file, shows it as it comes, or says only its status`, { skip }, async (t) => {
      const folder = await temporaryFolder(t);
      const name = `the 'answer'.json`;
      await runIn(folder, way, { method: 'GET', body: null, answer: { file: name } });
      assert.equal(await readFile(path.join(folder, name), 'utf8'), '{"label":"猫","sure":true}');
      const { stdout } = await runIn(folder, way, { method: 'GET', body: null, answer: 'lines' });
      assert.equal(stdout.trim(), '{"label":"猫","sure":true}');
      const status = await runIn(folder, way, { method: 'DELETE', body: null, answer: 'status' });
      assert.match(status.stdout, /\b200\b/);
    });
  }

  test('is short where there is little to say', () => {
    assert.deepEqual(snippetsFor({ method: 'GET', url: 'http://localhost:3000/health', body: null }), {
      curl: `curl 'http://localhost:3000/health'`,
      python: `import requests

response = requests.get("http://localhost:3000/health")
response.raise_for_status()
print(response.json())`,
      javascript: `const response = await fetch("http://localhost:3000/health");
if (!response.ok) throw new Error(await response.text());
console.log(await response.json());`,
    });
  });
});

/** No two names have the same bytes, and a line break at the end may not be lost. */
const bytesOf = (name: string): Buffer => Buffer.from([0xff, 0xd8, ...Buffer.from(name), 0x0d, 0x0a]);
