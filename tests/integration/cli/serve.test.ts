import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { temporaryFolder } from '../../support/folders.js';
import { connectTo, image, multipart, pictureHead, uploadHead } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { type CommandOptions, jsonLines, kaiyan, type RunningCommand, startKaiyan } from '../../support/run-command.js';
import { until, within } from '../../support/timing.js';

interface Service extends RunningCommand {
  readonly address: string;
}

async function startService(
  t: Pick<TestContext, 'after'>,
  args: readonly string[] = [],
  environment: CommandOptions['environment'] = {},
): Promise<Service> {
  // Whoever waits to the last before it ends is seen by that.
  const patient = ['--shutdown-seconds', '60'];
  const command = [
    'serve',
    '--port',
    '0',
    '--workers',
    '1',
    '--precision',
    'int8',
    '--log-format',
    'text',
    ...patient,
    ...args,
  ];
  const running = startKaiyan(command, { environment });
  t.after(() => running.child.kill('SIGKILL'));
  await until('the service answers', () => /https?:\/\/.*\n$/s.test(running.stderr()), 60_000);
  return { ...running, address: /https?:\/\/[\w.:[\]]+/.exec(running.stderr())?.[0] as string };
}

async function upload(address: string): Promise<FormData> {
  const form = new FormData();
  form.set('image', new Blob([await readFile(path.join(examples, 'coffee.png'))]), address && 'coffee.png');
  return form;
}

/** False if some ports are not for every user. */
function withoutLowPorts(): string | false {
  try {
    const first = readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8');
    return Number(first) > 80 ? false : 'every user may use port 80 here';
  } catch {
    return 'needs Linux';
  }
}

/** Root may use every port, so the process becomes another user's before it begins. */
const asNobody = {
  NODE_OPTIONS: `--import data:text/javascript,import{isMainThread}from'node:worker_threads';isMainThread&&process.getuid()===0&&process.setuid(65534)`,
};

describe('kaiyan serve', () => {
  test('answers a real client on this machine only, and ends with 0 on SIGTERM', async (t) => {
    const { address, child, result, stderr } = await startService(t);
    assert.match(address, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.match(stderr(), /curl -F image=@/);
    assert.equal((await fetch(`${address}/health`)).status, 200);
    const response = await fetch(`${address}/predict`, { method: 'POST', body: await upload(address) });
    assert.equal(response.status, 200);
    const [first] = (await response.json()) as [{ label: string; confidence: number }];
    assert.equal(first.label, 'espresso');
    assert.ok(first.confidence > 90);
    child.kill('SIGTERM');
    const { status, signal, stdout } = await within(30_000, 'the end', result);
    assert.deepEqual([status, signal, stdout], [0, null, '']);
  });

  test('ends with 130 on Ctrl-C, also with a connection open', async (t) => {
    const { address, child, result } = await startService(t, ['--shutdown-seconds', '1']);
    const socket = net.connect(Number(new URL(address).port), '127.0.0.1');
    t.after(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.write(
      'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n--x\r\n',
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGINT');
    const { status, signal } = await within(30_000, 'the end', result);
    assert.deepEqual([status, signal], [130, null]);
  });

  test('goes on when a client leaves in the middle of its upload or its answer', async (t) => {
    const { address, child } = await startService(t);
    for (const delay of [1, 5, 10, 20, 30]) {
      const controller = new AbortController();
      const request = fetch(`${address}/predict`, {
        method: 'POST',
        body: await upload(address),
        signal: controller.signal,
      });
      setTimeout(() => controller.abort(), delay);
      await request.then((response) => response.text()).catch(() => undefined);
    }
    const response = await fetch(`${address}/predict`, { method: 'POST', body: await upload(address) });
    assert.equal(response.status, 200);
    assert.equal(child.exitCode, null);
  });

  test('says that its port is taken, with status 1', async (t) => {
    const server = net.createServer().listen(0, '127.0.0.1');
    t.after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as net.AddressInfo;
    const { status, stderr } = await kaiyan(['serve', '--port', String(port), '--workers', '1']);
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`port ${port}.*--port.*PORT_IN_USE`));
  });

  const addresses: readonly [what: string, args: readonly string[], says: RegExp][] = [
    ['a name that no address is known for', ['--host', 'nonsense.invalid'], /nonsense\.invalid.*name.*--host/],
    ['an address of another machine', ['--host', '192.0.2.1'], /192\.0\.2\.1.*does not have.*--host/],
  ];
  for (const [what, args, says] of addresses) {
    test(`says what to change about ${what}, with status 1`, async () => {
      const { status, stderr } = await kaiyan(['serve', '--port', '0', '--workers', '1', ...args]);
      assert.equal(status, 1);
      assert.match(stderr, says);
      assert.match(stderr, /\[ADDRESS_UNAVAILABLE\]\n$/);
    });
  }

  test('says what to change about a port that is not for every user', { skip: withoutLowPorts() }, async () => {
    const { status, stderr } = await kaiyan(['serve', '--port', '80', '--workers', '1'], { environment: asNobody });
    assert.equal(status, 1);
    assert.match(stderr, /port 80.*may not.*--port.*ADDRESS_UNAVAILABLE/);
  });

  test('tells its operator in one line what it failed at, and where', async (t) => {
    const { address, stderr } = await startService(t, ['--deadline-ms', '1']);
    const before = stderr();
    const response = await fetch(`${address}/predict?lang=en`, { method: 'POST', body: await upload(address) });
    assert.equal(response.status, 504);
    await until('a line', () => stderr().length > before.length);
    assert.match(stderr().slice(before.length), /^[\d:]+ error: POST \/predict DEADLINE_EXCEEDED .*1 ms.*\n/);
  });

  test('waits for an upload as long as the setting says', async (t) => {
    const { address } = await startService(t, [], { KAIYAN_UPLOAD_TIMEOUT_SECONDS: '1' });
    const stalled = await connectTo(t, Number(new URL(address).port));
    stalled.send(uploadHead(1000), pictureHead);
    assert.match((await stalled.answer(5000)).body, /within 1 s.*uploadTimeoutSeconds.*UPLOAD_TIMEOUT/);
  });

  test('labels pictures in the language it was started with', async (t) => {
    const { address } = await startService(t, ['--lang', 'zh']);
    const response = await fetch(`${address}/predict`, { method: 'POST', body: await upload(address) });
    const [first] = (await response.json()) as [{ label: string }];
    assert.match(first.label, /\p{Script=Han}/u);
  });

  test('answers everything that it had begun when it is asked to end, and ends with 0', async (t) => {
    const { address, child, result } = await startService(t);
    const { payload } = multipart(image(await readFile(path.join(examples, 'coffee.png'))));
    const port = Number(new URL(address).port);
    const connections = await Promise.all(Array.from({ length: 20 }, () => connectTo(t, port)));
    const head = uploadHead(payload.length).replace('\r\n', '\r\nExpect: 100-continue\r\n');
    for (const connection of connections) connection.send(head);
    for (const connection of connections) assert.equal((await connection.answer()).status, 100, 'it has begun');
    for (const connection of connections.slice(10)) connection.send(payload);
    child.kill('SIGTERM');
    for (const connection of connections.slice(0, 10)) connection.send(payload);
    const answers = await Promise.all(connections.map((connection) => connection.answer()));
    assert.deepEqual(
      [...new Set(answers.map(({ status, body }) => `${status} ${/espresso/.exec(body)}`))],
      ['200 espresso'],
    );
    const { status, signal } = await within(30_000, 'the end', result);
    assert.deepEqual([status, signal], [0, null]);
  });

  test('logs an object a line where nobody looks on, with its address and each request', async (t) => {
    const { address, child, result } = await startService(t, ['--log-format', 'auto']);
    await fetch(`${address}/predict?telltale`, { method: 'POST', body: await upload(address) });
    await fetch(`${address}/health`);
    child.kill('SIGTERM');
    const lines = jsonLines((await within(30_000, 'the end', result)).stderr);
    const [greeting, request, ...others] = lines;
    assert.deepEqual([greeting?.level, greeting?.address, others], ['info', address, []]);
    assert.match(String(greeting?.msg), /efficientnet-lite0 \(int8\)/);
    assert.deepEqual([request?.method, request?.route, request?.status], ['POST', '/predict', 400]);
  });

  test('warns that everyone may ask where others reach it and it has no key, and not where it has one', async (t) => {
    const open = await startService(t, ['--host', '0.0.0.0']);
    await until('a warning', () => /warn: everyone who reaches 0\.0\.0\.0 .*apiKey/.test(open.stderr()));
    const { port } = new URL(open.address);
    assert.equal((await fetch(`http://127.0.0.1:${port}/api/v1/models`)).status, 200);
    open.child.kill('SIGTERM');
    await within(30_000, 'the end', open.result);
    const closed = await startService(t, ['--host', '0.0.0.0'], { KAIYAN_API_KEY: 'telltale' });
    const call = (key: string) =>
      fetch(`http://127.0.0.1:${new URL(closed.address).port}/api/v1/models`, { headers: { 'x-api-key': key } });
    assert.equal((await call('telltale')).status, 200);
    assert.equal((await call('other')).status, 401);
    closed.child.kill('SIGTERM');
    const { stderr } = await within(30_000, 'the end', closed.result);
    assert.doesNotMatch(stderr, /warn|telltale/);
  });

  test('says what is wrong with a setting before it loads a model, with status 2', async () => {
    const { status, stderr } = await kaiyan(['serve', '--port', '0', '--rate-limit', '-1']);
    assert.equal(status, 2);
    assert.match(stderr, /rateLimit.*at least 0.*--rate-limit.*SETTING_INVALID/);
  });
});

describe('kaiyan serve --open', { skip: process.platform === 'linux' ? false : 'needs the browsers of Linux' }, () => {
  /** No desktop of this machine has a say. */
  const noDesktop = Object.fromEntries(
    [
      ...['DISPLAY', 'WAYLAND_DISPLAY', 'XDG_CURRENT_DESKTOP', 'DESKTOP_SESSION', 'XDG_SESSION_TYPE'],
      ...['KDE_FULL_SESSION', 'GNOME_DESKTOP_SESSION_ID', 'MATE_DESKTOP_SESSION_ID'],
    ].map((name) => [name, undefined]),
  );

  for (const args of [[], ['--https']]) {
    test(`opens its address in the browser ${args.join()}`.trimEnd(), async (t) => {
      const home = await temporaryFolder(t);
      const browser = path.join(home, 'browser');
      await writeFile(browser, '#!/bin/sh\nprintf %s "$1" > "$0.part" && mv "$0.part" "$0.opened"\n', { mode: 0o755 });
      const { address, stderr } = await startService(t, ['--open', '--home', home, ...args], {
        ...noDesktop,
        BROWSER: browser,
      });
      await until('a visit', () => existsSync(`${browser}.opened`));
      assert.equal((await readFile(`${browser}.opened`, 'utf8')).replace(/\/$/, ''), address);
      assert.doesNotMatch(stderr(), /warn:/);
    });
  }

  test('goes on where there is none, and says so', async (t) => {
    const none = { ...noDesktop, BROWSER: '/nonexistent/browser', PATH: await temporaryFolder(t) };
    const { address, stderr } = await startService(t, ['--open'], none);
    await until('a warning', () => /warn: no browser could be opened .*http:/.test(stderr()));
    assert.equal((await fetch(`${address}/health`)).status, 200);
  });
});

describe('the model of a running service', () => {
  const answering = async (address: string) => {
    const response = await fetch(`${address}/predict`, { method: 'POST', body: await upload(address) });
    assert.equal(response.status, 200);
    return response.headers.get('kaiyan-model')?.split('@')[0];
  };

  test('is changed by kaiyan models use, and a later start answers with it', async (t) => {
    const home = await temporaryFolder(t);
    const { address } = await startService(t, ['--home', home, '--model', 'efficientnet-lite0']);
    assert.equal(await answering(address), 'efficientnet-lite0');
    const { status } = await kaiyan(['models', 'use', 'efficientnet-lite2', '--home', home]);
    assert.equal(status, 0);
    await until('the other model answers', async () => (await answering(address)) === 'efficientnet-lite2', 30_000);
    const next = await startService(t, ['--home', home]);
    assert.equal(await answering(next.address), 'efficientnet-lite2');
  });

  test('is looked for anew on SIGHUP, which does not end it', async (t) => {
    const home = await temporaryFolder(t);
    const { address, child, stderr } = await startService(t, ['--home', home]);
    const choice = JSON.stringify({ model: 'efficientnet-lite2' });
    await mkdir(path.join(home, 'models'), { recursive: true });
    await writeFile(path.join(home, 'models/active.json'), choice);
    child.kill('SIGHUP');
    await until('it says so', () => stderr().includes('efficientnet-lite2@1'), 30_000);
    assert.equal(await answering(address), 'efficientnet-lite2');
  });

  test('is changed from elsewhere with --url, which says what it is, or what is wrong', async (t) => {
    const environment = { KAIYAN_ADMIN_TOKEN: 'a-token' };
    const { address } = await startService(t, [], environment);
    const use = (model: string, url: string, token?: string) =>
      kaiyan(['models', 'use', model, '--url', url], { environment: { KAIYAN_ADMIN_TOKEN: token } });
    for (const [model, url, token, status, says] of [
      ['efficientnet-lite2', address, undefined, 1, /SERVICE_REFUSED/],
      ['efficientnet-lite2', address, undefined, 1, /answered 403: Expected the admin token/],
      ['nothing', address, 'a-token', 1, /answered 404: .*"nothing"/],
      ['efficientnet-lite2', 'server', 'a-token', 2, /--url/],
      ['efficientnet-lite2', 'http://127.0.0.1:3', 'a-token', 1, /ECONNREFUSED.*SERVICE_UNREACHABLE/],
    ] as const) {
      const result = await use(model, url, token);
      assert.deepEqual([result.status, result.stdout], [status, ''], result.stderr);
      assert.match(result.stderr, says);
    }
    assert.equal(await answering(address), 'efficientnet-lite0');
    const { status, stdout } = await use('efficientnet-lite2', `${address}/`, 'a-token');
    assert.equal(status, 0);
    assert.match(stdout, /^efficientnet-lite2@1 \(int8\) answers in the service at http:.* now, until it ends\.\n$/);
    assert.equal(await answering(address), 'efficientnet-lite2');
  });
});
