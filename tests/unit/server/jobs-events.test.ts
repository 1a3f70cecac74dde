import assert from 'node:assert/strict';
import http from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import { sha256Of } from '#kaiyan/hashes.js';
import { answer } from '../../support/job-outcomes.js';
import { type ListeningService, listeningServiceFor } from '../../support/service.js';
import { until } from '../../support/timing.js';

/** Nobody works on jobs but the test. */
const BY_HAND = { runJobs: false };

interface Event {
  readonly event: string;
  readonly id?: string;
  readonly data: { readonly item: number; readonly sequence: number; readonly state: string; readonly name: string };
}

const seen = ({ name }: { readonly name: string }) => ({ label: `a ${name}` });
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `${i}.jpg`);

async function submitted({ jobs: { store } }: ListeningService, names: readonly string[]): Promise<string> {
  const { id } = await store.create({ options: {}, expiresAt: Date.now() + 86_400_000 });
  await store.add(
    id,
    names.map((name) => ({ name, sha256: sha256Of(name), bytes: 10 })),
  );
  await store.submit(id);
  return id;
}

/** A client that listens to a job. */
async function listen(t: TestContext, { port }: ListeningService, path: string, headers: Record<string, string> = {}) {
  const request = http.get({ port, host: '127.0.0.1', path: `/api/v1/jobs/${path}`, headers });
  t.after(() => request.destroy());
  const response = await new Promise<http.IncomingMessage>((resolve, reject) =>
    request.once('response', resolve).once('error', reject),
  );
  let text = '';
  let isOver = false;
  response.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  response.once('end', () => {
    isOver = true;
  });
  response.on('error', () => undefined);
  const events = () =>
    text
      .split('\n\n')
      .slice(0, -1)
      .filter((block) => !block.startsWith(':'))
      .map((block) => {
        const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
        return { ...fields, data: JSON.parse(fields.data) } as Event;
      });
  const items = () => events().filter(({ event }) => event === 'item');
  return { response, events, items, isOver: () => isOver, leave: () => request.destroy() };
}

describe('GET /api/v1/jobs/{id}/events', () => {
  test('tells each outcome once when it is there, how far the job is, and ends with the job', async (t) => {
    const service = await listeningServiceFor(t, BY_HAND);
    const id = await submitted(service, numbered(5));
    const client = await listen(t, service, `${id}/events`);
    assert.match(client.response.headers['content-type'] ?? '', /^text\/event-stream/);
    assert.equal(client.response.headers['cache-control'], 'no-store');
    await until('the job', () => client.events()[0]?.data.state === 'pending');
    await answer(service.jobs.store, seen, 2);
    await until('two outcomes', () => client.items().length === 2);
    assert.equal(client.isOver(), false);
    await answer(service.jobs.store, seen);
    await until('its end', client.isOver);
    assert.deepEqual(
      client.items().map(({ id: sequence }) => sequence),
      ['1', '2', '3', '4', '5'],
    );
    assert.deepEqual(new Set(client.items().map(({ data }) => data.name)), new Set(numbered(5)));
    const last = client.events().at(-1);
    assert.deepEqual([last?.event, last?.data.state, last?.id], ['job', 'completed', '5-end']);
  });

  test('goes on after what a client has heard, and lets one that has heard all stay away', async (t) => {
    const service = await listeningServiceFor(t, BY_HAND);
    const id = await submitted(service, numbered(5));
    await answer(service.jobs.store, seen);
    const heard = async (path: string, headers = {}) => {
      const client = await listen(t, service, path, headers);
      await until('its end', client.isOver);
      return client.items().map(({ id: sequence }) => sequence);
    };
    assert.deepEqual(await heard(`${id}/events`, { 'last-event-id': '3' }), ['4', '5']);
    assert.deepEqual(await heard(`${id}/events?after=4`), ['5']);
    assert.deepEqual(await heard(`${id}/events?after=1`, { 'last-event-id': '5' }), []);
    assert.equal((await heard(`${id}/events`, { 'last-event-id': 'nonsense' })).length, 5);
    const { response } = await listen(t, service, `${id}/events`, { 'last-event-id': '5-end' });
    assert.equal(response.statusCode, 204);
  });

  test('tells what is done again, to one who comes back after the end too', async (t) => {
    const service = await listeningServiceFor(t, BY_HAND);
    const id = await submitted(service, ['cat', 'broken']);
    await answer(service.jobs.store, ({ name }) =>
      name === 'cat' ? { label: 'cat' } : { code: 'IMAGE_CORRUPT', error: 'It is broken.' },
    );
    await service.jobs.store.retry(id);
    const client = await listen(t, service, `${id}/events`, { 'last-event-id': '2-end' });
    await until('the job', () => client.events()[0]?.data.state === 'in_progress');
    await answer(service.jobs.store, seen);
    await until('its end', client.isOver);
    assert.deepEqual(
      client.items().map(({ id: sequence, data }) => [sequence, data.name, data.state]),
      [['3', 'broken', 'answered']],
    );
  });

  test('ends when the job is deleted', async (t) => {
    const service = await listeningServiceFor(t, BY_HAND);
    const id = await submitted(service, ['cat']);
    const client = await listen(t, service, `${id}/events`);
    await until('the job', () => client.events().length === 1);
    await service.jobs.remove(id);
    await until('its end', client.isOver);
  });

  test('frees everything when its clients leave', async (t) => {
    const service = await listeningServiceFor(t, BY_HAND);
    let watching = 0;
    const { watch } = service.jobs.store;
    Object.assign(service.jobs.store, {
      watch: (listener: Parameters<typeof watch>[0]) => {
        watching += 1;
        const end = watch(listener);
        return () => {
          watching -= 1;
          end();
        };
      },
    });
    const id = await submitted(service, ['cat']);
    const clients = await Promise.all(Array.from({ length: 20 }, () => listen(t, service, `${id}/events`)));
    await until('all to listen', () => clients.every((client) => client.events().length === 1));
    assert.equal(watching, 20);
    for (const client of clients) client.leave();
    await until('none', () => watching === 0);
  });

  test('does not hold a service that ends', async (t) => {
    const service = await listeningServiceFor(t, { ...BY_HAND, shutdownSeconds: 60 });
    const id = await submitted(service, ['cat']);
    const client = await listen(t, service, `${id}/events`);
    await until('the job', () => client.events().length === 1);
    const begun = performance.now();
    await service.close();
    assert.ok(performance.now() - begun < 20_000);
    await until('its end', client.isOver);
  });

  test('outlives the time for other answers, and says something now and then', async (t) => {
    const service = await listeningServiceFor(t, { ...BY_HAND, uploadTimeoutSeconds: 2 });
    const id = await submitted(service, ['cat']);
    const client = await listen(t, service, `${id}/events`);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    assert.equal(client.isOver(), false);
    await answer(service.jobs.store, seen);
    await until('its end', client.isOver);
    assert.equal(client.items().length, 1);
  });
});
