import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localAddress, phoneAddresses } from '#page/camera/addresses.js';
import { announceAfter } from '#page/camera/announcing.js';
import { problemOf } from '#page/camera/camera-errors.js';
import { figuresOf, type Measured, remember } from '#page/camera/figures.js';
import { frameSide, middleSquare } from '#page/camera/frame.js';
import { qrPath } from '#page/pages/camera/qr.js';

test('figures are of the last three seconds: frames a second, and medians', () => {
  let measured: readonly Measured[] = [];
  for (let i = 0; i < 100; i += 1)
    measured = remember(measured, { atMs: i * 80, latencyMs: i % 10 === 0 ? 900 : 40, modelMs: 6 });
  assert.equal(measured.length, 38);
  assert.deepEqual(figuresOf(measured), { framesPerSecond: 12.5, latencyMs: 40, modelMs: 6 });
  assert.equal(figuresOf([]), undefined);
  assert.equal(figuresOf(measured.slice(-1)), undefined);
  const afterPause = remember(measured, { atMs: 60_000, latencyMs: 1, modelMs: 1 });
  assert.equal(afterPause.length, 1);
});

test('the square of a frame is the middle of the short side, lying or upright', () => {
  assert.deepEqual(middleSquare(1280, 720), { x: 280, y: 0, side: 720 });
  assert.deepEqual(middleSquare(480, 641), { x: 0, y: 80, side: 480 });
});

test('a frame is as large as the network wants it, and no smaller than most want it', () => {
  assert.equal(frameSide({ width: 224, height: 224 }), 256);
  assert.equal(frameSide({ width: 260, height: 260 }), 298);
  assert.equal(frameSide({ width: 96, height: 64 }), 256);
});

test('an answer is read out when it has settled, and never sooner than four seconds after another', () => {
  assert.equal(announceAfter(Number.NEGATIVE_INFINITY, 5000), 800);
  assert.equal(announceAfter(5000, 5500), 3500);
  assert.equal(announceAfter(5000, 60_000), 800);
});

test('each error of getUserMedia has its reason', () => {
  const named = (name: string) => problemOf(new DOMException('', name));
  assert.deepEqual(['NotAllowedError', 'SecurityError', 'NotFoundError', 'NotReadableError', 'AbortError'].map(named), [
    'notAllowed',
    'notAllowed',
    'none',
    'busy',
    'busy',
  ]);
  assert.deepEqual(['OverconstrainedError', 'DataError'].map(named), ['unfit', 'unknown']);
  assert.equal(problemOf(new TypeError('mediaDevices is undefined')), 'unsupported');
  assert.equal(problemOf('?'), 'unknown');
});

test('a phone is sent to the address that it can reach: that of the page, or those of the service', () => {
  const addresses = ['https://192.168.1.20:5000', 'https://10.0.0.7:5000'];
  const local = { protocol: 'https:', hostname: 'localhost', port: '5000', pathname: '/' };
  assert.deepEqual(phoneAddresses(local, { addresses }), [
    'https://192.168.1.20:5000/#/camera',
    'https://10.0.0.7:5000/#/camera',
  ]);
  assert.deepEqual(phoneAddresses({ ...local, hostname: '127.0.0.1' }, { addresses: [] }), []);
  const behindProxy = { protocol: 'https:', hostname: 'kaiyan.example', port: '', pathname: '/eye/' };
  assert.deepEqual(phoneAddresses(behindProxy, { addresses }), ['https://kaiyan.example/eye/#/camera']);
  assert.equal(localAddress({ port: '5000', pathname: '/' }), 'http://localhost:5000/#/camera');
  assert.equal(localAddress({ port: '', pathname: '/eye/' }), 'http://localhost/eye/#/camera');
});

test('a QR code has its three finders and a quiet zone of four modules', () => {
  const { size, path } = qrPath('https://192.168.1.20:5000/#/camera');
  const dark = new Set([...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x},${y}`));
  const isDark = (x: number, y: number) => dark.has(`${x},${y}`);
  const places = [...dark].map((place) => place.split(',').map(Number));
  assert.ok(places.flat().every((at) => at >= 4 && at < size - 4));
  const finder = ['1111111', '1000001', '1011101', '1011101', '1011101', '1000001', '1111111'];
  for (const [left, top] of [
    [4, 4],
    [size - 11, 4],
    [4, size - 11],
  ] as const)
    for (const [y, row] of finder.entries())
      for (const [x, module] of [...row].entries())
        assert.equal(isDark(left + x, top + y), module === '1', `${left + x},${top + y}`);
  // A version is 17 + 4 times its number wide.
  assert.equal((size - 8 - 17) % 4, 0);
});
