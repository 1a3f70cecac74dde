import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { connectTo, pictureHead, uploadHead } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { type CommandOptions, kaiyan, type RunningCommand, startKaiyan } from '../../support/run-command.js';
import { until, within } from '../../support/timing.js';

interface Service extends RunningCommand {
  readonly address: string;
}

async function startService(
  t: Pick<TestContext, 'after'>,
  args: readonly string[] = [],
  environment: CommandOptions['environment'] = {},
): Promise<Service> {
  const command = ['serve', '--port', '0', '--workers', '1', '--precision', 'int8', '--log-format', 'text', ...args];
  const running = startKaiyan(command, { environment });
  t.after(() => running.child.kill('SIGKILL'));
  await until(
    'the service answers',
    () => running.stderr().includes('http://') && running.stderr().endsWith('\n'),
    20_000,
  );
  return { ...running, address: /http:\/\/[\w.:[\]]+/.exec(running.stderr())?.[0] as string };
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
    const { status, signal, stdout } = await within(5000, 'the end', result);
    assert.deepEqual([status, signal, stdout], [0, null, '']);
  });

  test('ends with 130 on Ctrl-C, also with a connection open', async (t) => {
    const { address, child, result } = await startService(t);
    const socket = net.connect(Number(new URL(address).port), '127.0.0.1');
    t.after(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.write(
      'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n--x\r\n',
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGINT');
    const { status, signal } = await within(15_000, 'the end', result);
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
});
