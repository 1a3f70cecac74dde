/** What every store of jobs has to do, whatever it is made of. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { sha256Of } from '#kaiyan/hashes.js';
import type { Item, JobOptions, KeptAnswer, NewItem } from '#kaiyan/jobs/job.js';
import { CRASHES_BEFORE_ALONE, type JobStore, type Outcome, type TakenItem } from '#kaiyan/jobs/store.js';
import { rejectsWith } from '../../support/errors.js';
import { until } from '../../support/timing.js';

export interface Opened {
  readonly store: JobStore;
  /** Another process's way to the same books. */
  readonly another: () => Promise<JobStore>;
  /** A process takes so many items, and is killed. */
  readonly crashWith: (limit: number) => Promise<readonly Pick<TakenItem, 'job' | 'item'>[]>;
}

export type OpenStore = (t: TestContext) => Promise<Opened>;

const LATER = Date.now() + 86_400_000;

const picture = (name: string, content = name): NewItem => ({ name, sha256: sha256Of(content), bytes: 100 });
const numbered = (count: number) => Array.from({ length: count }, (_, i) => picture(`${i}.jpg`));

const answerOf = (label: string): KeptAnswer => ({
  model: { name: 'efficientnet-lite0', version: '1', precision: 'int8', digest: '0123456789ab' },
  predictions: [{ index: 1, wnid: 'n01443537', label, probability: 0.9 }],
  answer: { level: 'class', label, wnid: 'n01443537', group: null, probability: 0.9 },
  categories: [],
  flags: [],
});

const hashOf = ({ source }: TakenItem) => ('sha256' in source ? source.sha256 : sha256Of(source.path));
const answered = (taken: TakenItem, label = taken.name): Outcome => ({
  ...{ job: taken.job, item: taken.item, sha256: hashOf(taken), key: `${hashOf(taken)}:x` },
  ...{ answer: answerOf(label), thumbnailBytes: 0 },
});
const failed = ({ job, item }: TakenItem): Outcome => ({ job, item, error: { code: 'IMAGE_CORRUPT', error: 'why' } });

async function submitted(store: JobStore, items: readonly NewItem[], options: JobOptions = {}): Promise<string> {
  const { id } = await store.create({ options, expiresAt: LATER });
  await store.add(id, items);
  await store.submit(id);
  return id;
}

const all = (store: JobStore, id: string) => store.items(id, { from: 0, limit: 10_000 });
const states = (items: readonly Item[]) => items.map(({ state }) => state);

/** Takes and answers what there is, one by one. */
async function workOff(store: JobStore, outcome: (taken: TakenItem) => Outcome = answered): Promise<TakenItem[]> {
  const seen: TakenItem[] = [];
  for (let items = await store.take(4, 0); items.length > 0; items = await store.take(4, 0)) {
    seen.push(...items);
    await store.record(items.map((taken) => outcome(taken)));
  }
  return seen;
}

export function describeJobStore(name: string, open: OpenStore): void {
  describe(`${name}: a job that is received`, () => {
    test('is seen once it was submitted, pending, with what it is', async (t) => {
      const { store } = await open(t);
      const { id, existing } = await store.create({ options: { top: 5, lang: 'zh' }, expiresAt: LATER });
      await store.add(id, [picture('a.jpg'), picture('b.jpg')]);
      await rejectsWith(store.get(id), 'JOB_NOT_FOUND');
      assert.deepEqual([existing, await store.list({ limit: 10 })], [false, []]);
      assert.deepEqual(await store.take(10, 0), []);
      const job = await store.submit(id);
      assert.deepEqual(
        [job.id, job.state, job.options, job.counts, job.expiresAt],
        [id, 'pending', { top: 5, lang: 'zh' }, { total: 2, answered: 0, failed: 0, canceled: 0 }, LATER],
      );
      assert.ok(Math.abs(job.createdAt - Date.now()) < 60_000);
      assert.deepEqual([job.startedAt, job.endedAt, job.recorded], [undefined, undefined, 0]);
      assert.deepEqual(await store.get(id), job);
    });

    test('has failed if it has no picture that could be answered', async (t) => {
      const { store } = await open(t);
      assert.equal((await store.get(await submitted(store, []))).state, 'failed');
      const id = await submitted(store, [{ name: 'x.jpg', error: { code: 'IMAGE_TOO_LARGE', error: 'large' } }]);
      const job = await store.get(id);
      assert.deepEqual([job.state, job.counts.failed, job.recorded], ['failed', 1, 1]);
      const [item] = await store.outcomes(id, 0, 10);
      assert.deepEqual([item?.name, item?.error], ['x.jpg', { code: 'IMAGE_TOO_LARGE', error: 'large' }]);
    });

    test('keeps thousands of items in their order, with their names', async (t) => {
      const { store } = await open(t);
      const names = Array.from({ length: 3000 }, (_, i) => `图 ${i}, "x"\n.jpg`);
      const { id } = await store.create({ options: {}, expiresAt: LATER });
      for (let i = 0; i < 3000; i += 1000)
        await store.add(
          id,
          names.slice(i, i + 1000).map((file) => picture(file)),
        );
      await store.submit(id);
      const items = [
        ...(await store.items(id, { from: 0, limit: 1500 })),
        ...(await store.items(id, { from: 1500, limit: 5000 })),
      ];
      assert.deepEqual(
        items.map(({ item, name: file }) => [item, file]),
        names.map((file, i) => [i, file]),
      );
    });

    test('is the first one again under the same key', async (t) => {
      const { store } = await open(t);
      const asked = { options: {}, expiresAt: LATER, idempotencyKey: 'k', fingerprint: 'f' };
      const { id } = await store.create(asked);
      await rejectsWith(store.create(asked), 'IDEMPOTENCY_CONFLICT');
      await store.add(id, [picture('a.jpg')]);
      await store.submit(id);
      assert.deepEqual(await store.create(asked), { id, existing: true });
      await rejectsWith(store.create({ ...asked, fingerprint: 'g' }), 'IDEMPOTENCY_CONFLICT');
      await store.delete(id);
      assert.equal((await store.create(asked)).existing, false);
    });
  });

  describe(`${name}: jobs`, () => {
    test('are listed from the newest on, by pages and by state', async (t) => {
      const { store } = await open(t);
      const ids: string[] = [];
      for (const file of ['a', 'b', 'c']) ids.unshift(await submitted(store, [picture(file)]));
      const [newest, middle, oldest] = ids as [string, string, string];
      await store.cancel(middle);
      const listed = async (options: Parameters<JobStore['list']>[0]) =>
        (await store.list(options)).map(({ id }) => id);
      assert.deepEqual(await listed({ limit: 10 }), ids);
      assert.deepEqual(await listed({ limit: 2 }), [newest, middle]);
      assert.deepEqual(await listed({ limit: 2, after: middle }), [oldest]);
      assert.deepEqual(await listed({ limit: 10, state: 'canceled' }), [middle]);
      await rejectsWith(store.list({ limit: 2, after: 'nobody' }), 'JOB_NOT_FOUND');
    });

    test('that are deleted or never were are not found, whatever is asked of them', async (t) => {
      const { store } = await open(t);
      const id = await submitted(store, numbered(5));
      const [taken] = await store.take(1, 0);
      await store.delete(id);
      for (const gone of [id, 'nobody']) {
        await rejectsWith(store.get(gone), 'JOB_NOT_FOUND');
        await rejectsWith(store.items(gone, { from: 0, limit: 1 }), 'JOB_NOT_FOUND');
        await rejectsWith(store.outcomes(gone, 0, 1), 'JOB_NOT_FOUND');
        await rejectsWith(store.cancel(gone), 'JOB_NOT_FOUND');
        await rejectsWith(store.retry(gone), 'JOB_NOT_FOUND');
        await rejectsWith(store.delete(gone), 'JOB_NOT_FOUND');
      }
      await store.record([answered(taken as TakenItem)]);
      assert.deepEqual([await store.take(5, 0), await store.list({ limit: 5 })], [[], []]);
      assert.deepEqual([...(await store.known([id, 'nobody']))], []);
    });

    test('are known from their beginning on', async (t) => {
      const { store } = await open(t);
      const { id } = await store.create({ options: {}, expiresAt: LATER });
      assert.deepEqual([...(await store.known([id, 'nobody']))], [id]);
      await store.delete(id);
      assert.deepEqual([...(await store.known([id]))], []);
    });

    test('expire once they have ended; one that is still worked on is kept for as long again', async (t) => {
      const { store } = await open(t);
      const made = async (file: string, expiresAt: number) => {
        const { id } = await store.create({ options: {}, expiresAt });
        await store.add(id, [picture(file)]);
        await store.submit(id);
        return id;
      };
      const soon = Date.now() + 1500;
      const [ended, working] = [await made('a.jpg', soon), await made('b.jpg', soon)];
      await made('c.jpg', LATER);
      await store.cancel(ended);
      await until('one has expired', async () => (await store.expired(10)).includes(ended));
      assert.deepEqual(await store.expired(10), [ended]);
      assert.ok((await store.get(working)).expiresAt > soon);
    });

    test('of all states are counted, with what waits and what is kept', async (t) => {
      const { store } = await open(t);
      assert.deepEqual(await store.load(), {
        ...{ waiting: 0, oldest: undefined, bytes: 0 },
        jobs: { pending: 0, in_progress: 0, completed: 0, failed: 0, canceled: 0 },
      });
      const id = await submitted(store, [...numbered(3), picture('copy.jpg', '0.jpg')]);
      const { waiting, oldest, bytes, jobs } = await store.load();
      assert.deepEqual([waiting, oldest, bytes, jobs.pending], [4, (await store.get(id)).createdAt, 300, 1]);
      const items = await store.take(3, 0);
      await store.record([
        { ...answered(items[0] as TakenItem), thumbnailBytes: 7 } as Outcome,
        failed(items[1] as TakenItem),
      ]);
      const after = await store.load();
      assert.deepEqual([after.waiting, after.bytes, after.jobs.in_progress], [1, 207, 1]);
      await store.delete(id);
      const { waiting: none, bytes: empty } = await store.load();
      assert.deepEqual([none, empty], [0, 0]);
    });
  });

  describe(`${name}: items`, () => {
    test('are taken once each, and are in progress', async (t) => {
      const { store, another } = await open(t);
      const id = await submitted(store, numbered(10), { top: 2 });
      const other = await another();
      const first = await store.take(4, 0);
      const second = await other.take(20, 0);
      assert.deepEqual([first.length <= 4 && first.length > 0, (await store.get(id)).state], [true, 'in_progress']);
      const rest = await store.take(20, 4);
      const positions = [...first, ...second, ...rest].map(({ item }) => item).sort((a, b) => a - b);
      assert.deepEqual(positions, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const [taken] = first;
      assert.deepEqual(
        [taken?.name, taken?.source, taken?.options, taken?.alone],
        [`${taken?.item}.jpg`, { sha256: sha256Of(`${taken?.item}.jpg`), bytes: 100 }, { top: 2 }, false],
      );
    });

    test('of a path say where it is', async (t) => {
      const { store } = await open(t);
      const id = await submitted(store, [{ name: 'a.jpg', path: '/pictures/a.jpg' }]);
      const [taken] = await store.take(1, 0);
      assert.deepEqual(taken?.source, { path: '/pictures/a.jpg' });
      await store.record([answered(taken as TakenItem)]);
      assert.equal((await all(store, id))[0]?.sha256, sha256Of('/pictures/a.jpg'));
    });

    test('of a small job do not wait behind a large one', async (t) => {
      const { store } = await open(t);
      await submitted(store, numbered(500));
      for (let i = 0; i < 5; i++) await store.record((await store.take(16, 0)).map((taken) => answered(taken)));
      const small = await submitted(store, [picture('small')]);
      const jobs: string[] = [];
      for (let i = 0; i < 6; i++) jobs.push(...(await store.take(16, 0)).map(({ job }) => job));
      assert.ok(jobs.includes(small), 'the small job was not taken in six turns');
    });

    test('have their outcomes in the order in which they were recorded, and end the job', async (t) => {
      const { store } = await open(t);
      const id = await submitted(store, numbered(3));
      const items = await store.take(3, 0);
      const [a, b, c] = [...items].sort((x, y) => x.item - y.item) as [TakenItem, TakenItem, TakenItem];
      await store.record([answered(c)]);
      assert.deepEqual((await store.get(id)).counts, { total: 3, answered: 1, failed: 0, canceled: 0 });
      await store.record([failed(a), answered(b)]);
      const job = await store.get(id);
      assert.deepEqual(
        [job.state, job.counts, job.recorded],
        ['completed', { total: 3, answered: 2, failed: 1, canceled: 0 }, 3],
      );
      assert.ok(job.endedAt !== undefined && job.startedAt !== undefined && job.endedAt >= job.startedAt);
      const outcomes = await store.outcomes(id, 0, 10);
      assert.deepEqual(
        outcomes.map(({ item, sequence, state }) => [item, sequence, state]),
        [
          [2, 1, 'answered'],
          [0, 2, 'failed'],
          [1, 3, 'answered'],
        ],
      );
      assert.deepEqual(outcomes[0]?.answer, answerOf('2.jpg'));
      assert.deepEqual(outcomes[1]?.error, { code: 'IMAGE_CORRUPT', error: 'why' });
      assert.deepEqual(
        (await store.outcomes(id, 2, 10)).map(({ item }) => item),
        [1],
      );
      assert.deepEqual(
        (await store.items(id, { states: ['failed'], from: 0, limit: 10 })).map(({ item }) => item),
        [0],
      );
    });

    test('are recorded once, whoever delivers twice', async (t) => {
      const { store, another } = await open(t);
      const id = await submitted(store, numbered(2));
      const [first] = (await store.take(2, 0)) as [TakenItem, TakenItem];
      const other = await another();
      await Promise.all([
        ...Array.from({ length: 20 }, (_, i) => store.record([answered(first, `from one, ${i}`)])),
        ...Array.from({ length: 20 }, () => other.record([failed(first)])),
      ]);
      const job = await store.get(id);
      assert.deepEqual([job.counts.answered + job.counts.failed, job.recorded], [1, 1]);
      assert.equal((await store.outcomes(id, 0, 10)).length, 1);
    });

    test('are said to be answered or not, as they are in the books by now', async (t) => {
      const { store } = await open(t);
      const [id, canceled] = [await submitted(store, numbered(2)), await submitted(store, [picture('c')])];
      const taken = [...(await store.take(2, 0)), ...(await store.take(2, 0))];
      await store.cancel(canceled);
      const outcomes = taken.map((one) => (one.item === 1 ? failed(one) : answered(one)));
      const said = await store.record(outcomes);
      assert.deepEqual(
        taken.map(({ job, item }, i) => [job, item, said[i]]),
        [
          [id, 0, true],
          [id, 1, false],
          [canceled, 0, false],
        ],
      );
      assert.deepEqual(await store.record(taken.map((one) => answered(one))), said);
      await store.delete(id);
      assert.deepEqual(await store.record(outcomes.slice(0, 1)), [false]);
    });

    test('with the same picture are worked on once, and all have its outcome', async (t) => {
      const { store } = await open(t);
      const items = [picture('a', 'same'), picture('b'), picture('c', 'same'), picture('d', 'same')];
      const id = await submitted(store, items);
      const taken = await workOff(store);
      assert.deepEqual(taken.map(({ name: file }) => file).sort(), ['a', 'b']);
      const job = await store.get(id);
      assert.deepEqual([job.state, job.counts.answered], ['completed', 4]);
      const labels = (await all(store, id)).map(({ answer }) => answer?.answer.label);
      assert.deepEqual(labels, ['a', 'b', 'a', 'a']);
      const sequences = (await store.outcomes(id, 0, 10)).map(({ sequence }) => sequence);
      assert.deepEqual(sequences, [1, 2, 3, 4]);
    });

    test('that all fail make the job fail', async (t) => {
      const { store } = await open(t);
      const id = await submitted(store, numbered(3));
      await workOff(store, failed);
      assert.equal((await store.get(id)).state, 'failed');
    });

    test('that are given back are taken again, without a blemish', async (t) => {
      const { store } = await open(t);
      const id = await submitted(store, numbered(2));
      for (let i = 0; i <= CRASHES_BEFORE_ALONE + 1; i++) {
        const items = await store.take(2, 0);
        assert.deepEqual([items.length, items.some(({ alone }) => alone)], [2, false]);
        await store.giveBack(items);
      }
      await workOff(store);
      assert.equal((await store.get(id)).state, 'completed');
    });

    test('that a store had in hand when it closed are taken again', async (t) => {
      const { store, another } = await open(t);
      await submitted(store, numbered(3));
      const other = await another();
      assert.equal((await other.take(3, 0)).length, 3);
      await other.close();
      assert.equal((await store.take(3, 0)).length, 3);
    });
  });

  describe(`${name}: answers`, () => {
    test('are found again under their keys', async (t) => {
      const { store } = await open(t);
      await submitted(store, numbered(1));
      const [taken] = (await store.take(1, 0)) as [TakenItem];
      await store.record([answered(taken, 'goldfish')]);
      const found = await store.answers([`${hashOf(taken)}:x`, 'other']);
      assert.deepEqual([...found], [[`${hashOf(taken)}:x`, answerOf('goldfish')]]);
    });

    test('have expired with the job that they are of', async (t) => {
      const { store } = await open(t);
      const { id } = await store.create({ options: {}, expiresAt: Date.now() + 200 });
      await store.add(id, numbered(1));
      await store.submit(id);
      const [taken] = (await store.take(1, 0)) as [TakenItem];
      await store.record([answered(taken)]);
      await until('gone', async () => (await store.answers([`${hashOf(taken)}:x`])).size === 0);
    });
  });

  describe(`${name}: a job that is canceled`, () => {
    test('keeps what it has, and gets no more', async (t) => {
      const { store } = await open(t);
      const id = await submitted(store, [...numbered(4), picture('copy', '3.jpg')]);
      const [first, second] = (await store.take(2, 0)) as [TakenItem, TakenItem];
      await store.record([answered(first)]);
      const job = await store.cancel(id);
      assert.deepEqual([job.state, job.counts], ['canceled', { total: 5, answered: 1, failed: 0, canceled: 4 }]);
      await store.record([answered(second)]);
      assert.deepEqual([await store.take(5, 0), (await store.get(id)).counts.answered], [[], 1]);
      const expected = [0, 1, 2, 3, 4].map((i) => (i === first.item ? 'answered' : 'canceled'));
      assert.deepEqual(states(await all(store, id)), expected);
      assert.equal((await store.items(id, { states: ['canceled'], from: 0, limit: 9 })).length, 4);
      assert.deepEqual(await store.items(id, { states: ['waiting'], from: 0, limit: 9 }), []);
      assert.deepEqual(await store.cancel(id), await store.get(id));
    });

    test('goes on when it is retried', async (t) => {
      const { store } = await open(t);
      const id = await submitted(store, numbered(4));
      const [first] = (await store.take(2, 0)) as [TakenItem];
      await store.record([failed(first)]);
      await store.cancel(id);
      const job = await store.retry(id);
      assert.deepEqual([job.state, job.endedAt, job.counts.failed], ['in_progress', undefined, 0]);
      const rest = await store.take(4, 0);
      await store.record(rest.map((taken) => answered(taken)));
      await until('the end', async () => {
        await store.record((await store.take(4, 0)).map((taken) => answered(taken)));
        return (await store.get(id)).counts.answered >= 3;
      });
    });
  });

  describe(`${name}: a retry`, () => {
    test('takes what failed again, each picture once, with new sequence numbers', async (t) => {
      const { store } = await open(t);
      const id = await submitted(store, [...numbered(2), picture('copy', '1.jpg')]);
      await workOff(store, (taken) => (taken.item === 1 ? failed(taken) : answered(taken)));
      assert.deepEqual((await store.get(id)).counts, { total: 3, answered: 1, failed: 2, canceled: 0 });
      assert.equal((await store.retry(id)).state, 'in_progress');
      assert.deepEqual(states(await all(store, id)), ['answered', 'waiting', 'waiting']);
      const again = await workOff(store);
      assert.deepEqual(
        again.map(({ item }) => item),
        [1],
      );
      const job = await store.get(id);
      assert.deepEqual([job.state, job.counts.answered, job.recorded], ['completed', 3, 5]);
      assert.deepEqual(
        (await store.outcomes(id, 3, 10)).map(({ item, sequence }) => [item, sequence]),
        [
          [1, 4],
          [2, 5],
        ],
      );
    });

    test('of nothing changes nothing, nor of what failed before it was stored', async (t) => {
      const { store } = await open(t);
      const id = await submitted(store, [picture('a'), { name: 'b', error: { code: 'IMAGE_EMPTY', error: 'no' } }]);
      await workOff(store);
      const before = await store.get(id);
      assert.deepEqual(await store.retry(id), before);
      assert.deepEqual([before.state, before.counts.failed], ['completed', 1]);
    });
  });

  describe(`${name}: a process that ends without a word`, () => {
    test('loses nothing: what it had in hand is taken again', async (t) => {
      const { store, crashWith } = await open(t);
      const id = await submitted(store, numbered(6));
      const lost = await crashWith(2);
      assert.ok(lost.length > 0);
      await until(
        'the end',
        async () => {
          await workOff(store);
          return (await store.get(id)).state === 'completed';
        },
        60_000,
      );
      assert.deepEqual((await store.get(id)).counts.answered, 6);
    });

    test(`has an item that was in hand at ${CRASHES_BEFORE_ALONE} crashes taken alone, and failed after one more`, async (t) => {
      const { store, crashWith } = await open(t);
      const id = await submitted(store, numbered(1));
      for (let i = 0; i < CRASHES_BEFORE_ALONE; i++) await crashWith(1);
      await until(
        'it is there',
        async () => {
          const none = await store.take(4, 1);
          assert.deepEqual(none, []);
          const items = await store.take(4, 0);
          assert.ok(items.every(({ alone }) => alone));
          await store.giveBack(items);
          return items.length === 1;
        },
        60_000,
      );
      await crashWith(1);
      await until('it has failed', async () => (await store.get(id)).counts.failed === 1, 60_000);
      const [item] = await all(store, id);
      assert.deepEqual([item?.error?.code, (await store.get(id)).state], ['PICTURE_CRASHED', 'failed']);
    });
  });

  describe(`${name}: a webhook`, () => {
    test('is due once the job has ended, for one at a time, and again when it is postponed', async (t) => {
      const { store } = await open(t);
      const id = await submitted(store, numbered(1), { webhook: 'https://example.org/hook' });
      await submitted(store, [picture('without')]);
      assert.equal(await store.takeWebhook(), undefined);
      await workOff(store);
      assert.deepEqual(await store.takeWebhook(), { job: id, address: 'https://example.org/hook', attempts: 0 });
      assert.equal(await store.takeWebhook(), undefined);
      await store.postponeWebhook(id, Date.now() - 1);
      assert.equal((await store.takeWebhook())?.attempts, 1);
      await store.postponeWebhook(id, undefined);
      assert.equal(await store.takeWebhook(), undefined);
      const canceled = await submitted(store, numbered(3), { webhook: 'https://example.org/hook' });
      await store.cancel(canceled);
      assert.equal((await store.takeWebhook())?.job, canceled);
    });

    test('of a job that was retried while it was delivered says nothing before the job has ended again, and then does', async (t) => {
      const { store } = await open(t);
      const id = await submitted(store, numbered(1), { webhook: 'https://example.org/hook' });
      await store.cancel(id);
      assert.equal((await store.takeWebhook())?.job, id);
      await store.retry(id);
      await store.postponeWebhook(id, Date.now() - 1);
      assert.equal(await store.takeWebhook(), undefined);
      await store.cancel(id);
      await store.postponeWebhook(id, undefined);
      assert.equal((await store.takeWebhook())?.job, id);
    });
  });

  describe(`${name}: one who watches`, () => {
    test('hears of what is submitted, recorded and canceled, until he no longer wants to', async (t) => {
      const { store } = await open(t);
      const heard = new Set<string>();
      const stop = store.watch(({ job }) => heard.add(job));
      const hears = async (id: string, work: () => Promise<unknown>) => {
        heard.clear();
        await work();
        await until('the notice', () => heard.has(id));
      };
      const { id } = await store.create({ options: {}, expiresAt: LATER });
      await store.add(id, numbered(2));
      await hears(id, () => store.submit(id));
      const [taken] = (await store.take(1, 0)) as [TakenItem];
      await hears(id, () => store.record([answered(taken)]));
      await hears(id, () => store.cancel(id));
      stop();
      heard.clear();
      await store.retry(id);
      assert.deepEqual([...heard], []);
    });
  });
}
