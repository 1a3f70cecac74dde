import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Dataset, OwnPicture } from '#kaiyan/dataset/dataset.js';
import { groupDuplicates } from '#kaiyan/dataset/duplicates.js';
import { AppError } from '#kaiyan/errors.js';
import { createRandom } from '#kaiyan/random.js';
import { checkDataset } from '#kaiyan/training/check/check-dataset.js';
import type { Finding, FindingKind } from '#kaiyan/training/check/finding.js';
import { findNeighbours, NEIGHBOURS, NOBODY } from '#kaiyan/training/check/neighbours.js';
import { findOutliers } from '#kaiyan/training/check/outliers.js';
import { suspectedLabels } from '#kaiyan/training/check/suspected-labels.js';
import type { Embeddings } from '#kaiyan/training/embeddings/embeddings.js';
import { rejectsWith } from '../../../support/errors.js';

const never = new AbortController().signal;
const DIMENSIONS = 16;

interface Given {
  readonly label: string;
  readonly sha256?: string;
  readonly fingerprint?: Uint8Array;
  readonly vector?: Float32Array;
  readonly error?: AppError;
}

/** What is checked of pictures that are called `LABEL/0.jpg`, `LABEL/1.jpg` …; those with an error are not embedded. */
async function dataOf(
  given: readonly Given[],
  more: Partial<Pick<Dataset, 'others'>> & { empty?: readonly string[] } = {},
) {
  const random = createRandom('check');
  const labels = [...new Set([...given.map(({ label }) => label), ...(more.empty ?? [])])].sort();
  const counts = new Map<string, number>();
  const pictures = given.map(({ label }): OwnPicture => {
    const count = counts.get(label) ?? 0;
    counts.set(label, count + 1);
    const name = `${label}/${count}.jpg`;
    return { name, path: `/data/${name}`, label: labels.indexOf(label) };
  });
  const vectors: Float32Array[] = [];
  const embedded: Embeddings['pictures'][number][] = [];
  for (const [i, one] of given.entries()) {
    const noise = Float32Array.from({ length: DIMENSIONS }, () => 1 + 0.3 * random.next());
    const fingerprint = Uint8Array.from({ length: 32 }, () => random.below(256));
    if (one.error) continue;
    vectors.push(one.vector ?? noise);
    embedded.push({
      picture: pictures[i] as OwnPicture,
      sha256: one.sha256 ?? `${i}`,
      fingerprint: one.fingerprint ?? fingerprint,
    });
  }
  const embeddings: Embeddings = {
    pictures: embedded,
    unreadable: given.flatMap(({ error }, i) => (error ? [{ picture: pictures[i] as OwnPicture, error }] : [])),
    dimensions: DIMENSIONS,
    views: 1,
    vectors: new Float32Array(0),
    vector: (picture) => vectors[picture] as Float32Array,
  };
  const dataset: Dataset = {
    ...{ source: 'data', title: 'data', pictures, others: more.others ?? [] },
    classes: labels.map((label) => ({ label, zh: label })),
  };
  return {
    ...{ dataset, embeddings, classes: dataset.classes, signal: never },
    duplicates: await groupDuplicates(embedded, never),
    labels: Int32Array.from(embedded, ({ picture }) => picture.label),
  };
}

const many = (label: string, count: number): Given[] => Array.from({ length: count }, () => ({ label }));
const only = (findings: readonly Finding[], kind: FindingKind) => findings.filter((finding) => finding.kind === kind);

async function oneFinding(given: readonly Given[], kind: FindingKind, more?: Parameters<typeof dataOf>[1]) {
  const found = only(await checkDataset(await dataOf(given, more)), kind);
  assert.equal(found.length, 1, kind);
  return found[0] as Finding;
}

describe('a data set without anything odd', () => {
  test('has no finding', async () => {
    assert.deepEqual(await checkDataset(await dataOf([...many('ant', 30), ...many('bee', 20)])), []);
  });
});

describe('the check of a data set finds', () => {
  test('files that cannot be read, by what is wrong with them', async () => {
    const errors = [
      new AppError('IMAGE_EMPTY', {}),
      new AppError('IMAGE_EMPTY', {}),
      new AppError('IMAGE_UNSUPPORTED', { found: 'a PDF document' }),
      new AppError('IMAGE_CORRUPT', { format: 'JPEG', reason: 'its end is missing' }),
    ];
    const broken = errors.map((error) => ({ label: 'ant', error }));
    const finding = await oneFinding([...broken, ...many('ant', 12), ...many('bee', 12)], 'unreadable');
    assert.deepEqual(finding.pictures, ['ant/0.jpg', 'ant/1.jpg', 'ant/2.jpg', 'ant/3.jpg']);
    assert.match(finding.message, /^4 files .*2 empty, 1 of a kind that cannot be read, 1 damaged/);
    assert.match(finding.messageZh, /4 个文件.*2 个是空文件/);
  });

  test('files that are not called as pictures', async () => {
    const others = ['ant/notes.txt', 'readme.md'];
    const finding = await oneFinding([...many('ant', 12), ...many('bee', 12)], 'other-files', { others });
    assert.deepEqual(finding.pictures, others);
  });

  test('classes without a picture, and those with few, with their numbers', async () => {
    const given = [...many('ant', 12), ...many('bee', 3), ...many('cat', 1), ...many('dog', 10)];
    const few = await oneFinding(given, 'few-pictures', { empty: ['elk'] });
    assert.deepEqual(few.classes, ['cat', 'bee']);
    assert.match(few.message, /2 classes have fewer than 10 pictures: cat \(1\), bee \(3\)/);
    assert.deepEqual((await oneFinding(given, 'empty-class', { empty: ['elk'] })).classes, ['elk']);
  });

  test('a class that only the given names have, and says that it is not in the data', async () => {
    const data = await dataOf([...many('ant', 12), ...many('bee', 12)], { empty: ['elk', 'fox'] });
    const classes = data.dataset.classes.map((one) =>
      one.label === 'fox' ? { ...one, onlyNamed: true as const } : one,
    );
    const [empty, named, ...others] = await checkDataset({ ...data, dataset: { ...data.dataset, classes } });
    assert.deepEqual([empty?.classes, named?.classes, others], [['elk'], ['fox'], []]);
    assert.match(empty?.message ?? '', /remove the folder/);
    assert.match(named?.message ?? '', /A class is among the names .* not in the data.*: fox\./);
    assert.doesNotMatch(named?.message ?? '', /folder/);
    assert.match(named?.messageZh ?? '', /给出的名称.*fox/);
  });

  test('one file that cannot be read, or is not called as a picture, in the singular', async () => {
    const error = new AppError('IMAGE_EMPTY', {});
    const given = [{ label: 'ant', error }, ...many('ant', 12), ...many('bee', 12)];
    assert.match(
      (await oneFinding(given, 'unreadable')).message,
      /^1 file cannot be read as a picture and is left out /,
    );
    const others = await oneFinding(given, 'other-files', { others: ['notes.txt'] });
    assert.match(others.message, /^1 file is left out: it is not named/);
  });

  test('a class of which no picture can be read, as one without', async () => {
    const error = new AppError('IMAGE_EMPTY', {});
    const finding = await oneFinding([...many('ant', 12), { label: 'bee', error }], 'empty-class');
    assert.deepEqual(finding.classes, ['bee']);
  });

  test('a class with ten times as many pictures as another, but not with nine', async () => {
    const finding = await oneFinding([...many('ant', 120), ...many('bee', 12)], 'imbalance');
    assert.deepEqual(finding.classes, ['ant', 'bee']);
    assert.match(finding.message, /120 pictures, bee only 12: 10 times/);
    assert.deepEqual(await checkDataset(await dataOf([...many('ant', 108), ...many('bee', 12)])), []);
  });

  test('the same file twice, and says so if the labels differ', async () => {
    const [same, contradictory] = ['s', 'c'].map((sha256) => ({ sha256 })) as [Partial<Given>, Partial<Given>];
    const given: Given[] = [
      ...[same, same, contradictory].map((one) => ({ label: 'ant', ...one })),
      ...[contradictory].map((one) => ({ label: 'bee', ...one })),
      ...many('ant', 12),
      ...many('bee', 12),
    ];
    const found = only(await checkDataset(await dataOf(given)), 'exact-duplicates');
    assert.deepEqual(
      found.map(({ groups, classes }) => [groups, classes]),
      [
        [[['ant/2.jpg', 'bee/0.jpg']], ['ant', 'bee']],
        [[['ant/0.jpg', 'ant/1.jpg']], ['ant']],
      ],
    );
    assert.match(found[0]?.message ?? '', /different labels.*wrong/);
    assert.doesNotMatch(found[1]?.message ?? '', /labels/);
  });

  test('pictures that are nearly the same', async () => {
    const fingerprint = new Uint8Array(32);
    const twins = [fingerprint, fingerprint.with(3, 7)].map((print) => ({ label: 'bee', fingerprint: print }));
    const finding = await oneFinding([...many('ant', 12), ...many('bee', 12), ...twins], 'near-duplicates');
    assert.deepEqual(finding.groups, [['bee/12.jpg', 'bee/13.jpg']]);
  });

  test('classes that have nothing but copies, of which any figure is too good, and does not say that they stay together', async () => {
    const fingerprint = new Uint8Array(32);
    const burst = (label: string, count: number): Given[] =>
      Array.from({ length: count }, (_, i) => ({ label, fingerprint: fingerprint.with(2, i) }));
    const findings = await checkDataset(await dataOf([...many('ant', 30), ...burst('bee', 12)]));
    assert.deepEqual(
      findings.map(({ kind, classes, pictures }) => [kind, classes, pictures.length]),
      [['only-copies', ['bee'], 12]],
    );
    assert.match(findings[0]?.message ?? '', /A class has nothing but .*bee \(12\).* too good/);
    assert.match(findings[0]?.messageZh ?? '', /bee \(12\)。.*偏高/);
  });

  test('classes that have nothing but copies once some pictures are held out', async () => {
    const burst = (first: number): Given[] =>
      Array.from({ length: 6 }, (_, i) => ({ label: 'bee', fingerprint: new Uint8Array(32).fill(first).with(2, i) }));
    const data = await dataOf([...many('ant', 30), ...burst(0), ...burst(255)]);
    const training = [...data.labels.keys()].filter((i) => i > 5 && i < 36);
    const findings = await checkDataset({ ...data, training });
    assert.deepEqual(
      findings.map(({ kind, classes, groups }) => [kind, classes, groups?.map((group) => group.length)]),
      [
        ['near-duplicates', ['bee'], [6]],
        ['only-copies', ['bee'], [6]],
      ],
    );
    assert.match(
      findings[1]?.message ?? '',
      /^A class has nothing but .* apart from those that are held out: bee \(6\)\. .*cross-validated.* too good/,
    );
    assert.match(findings[1]?.messageZh ?? '', /^除去留出的图片，.*bee \(6\)。.*交叉验证指标会偏高/);
    assert.deepEqual(
      (await checkDataset(data)).map(({ kind, groups }) => [kind, groups?.length]),
      [['near-duplicates', 2]],
      'where nothing is held out both are on one side only',
    );
  });

  test('labels that contradict each other among the copies that are all of a class', async () => {
    const fingerprint = new Uint8Array(32);
    const same = (label: string, count: number): Given[] => many(label, count).map((one) => ({ ...one, fingerprint }));
    const given = [...many('ant', 30), ...same('ant', 2), ...same('bee', 12)];
    const findings = await checkDataset(await dataOf(given));
    assert.deepEqual(
      findings.map(({ kind, classes, pictures }) => [kind, classes, pictures.length]),
      [
        ['near-duplicates', ['ant', 'bee'], 14],
        ['only-copies', ['bee'], 12],
      ],
    );
  });

  test('labels that a head which did not see the picture contradicts, by what it suggests', async () => {
    const like = (axis: number) => {
      const vector = new Float32Array(DIMENSIONS).fill(0.1);
      vector[axis] = 1;
      return vector;
    };
    // Those with a wrong label look like the others of their own class.
    const given = [...many('ant', 20), ...many('bee', 20)].map((one, i) => ({
      ...one,
      vector: like((one.label === 'ant') === ![3, 5, 30].includes(i) ? 0 : 1),
    }));
    const data = await dataOf(given);
    const probabilities = Float32Array.from(
      [...data.labels].flatMap((label) => (label === 0 ? [0.9, 0.1] : [0.2, 0.8])),
    );
    probabilities.set([0.3, 0.7], 3 * 2);
    probabilities.set([0.02, 0.98], 5 * 2);
    probabilities.set([0.95, 0.05], 30 * 2);
    // A head alone is not believed.
    probabilities.set([0.8, 0.2], 31 * 2);
    const found = only(await checkDataset({ ...data, crossValidation: { probabilities } }), 'suspected-label');
    assert.deepEqual(
      found.map(({ pictures, classes }) => [pictures, classes]),
      [
        [['bee/10.jpg'], ['bee', 'ant']],
        [
          ['ant/5.jpg', 'ant/3.jpg'],
          ['ant', 'bee'],
        ],
      ],
    );
    assert.match(found[1]?.message ?? '', /2 pictures labelled ant look like bee/);
  });

  test('a picture that is far from all others, also if it is there twice', async () => {
    const vector = new Float32Array(DIMENSIONS).fill(0);
    vector[0] = 1;
    const odd = { label: 'ant', vector, sha256: 'odd', fingerprint: new Uint8Array(32) };
    const finding = await oneFinding([...many('ant', 30), ...many('bee', 30), odd, odd], 'outlier');
    assert.deepEqual(finding.pictures, ['ant/30.jpg', 'ant/31.jpg']);
  });
});

describe('suspected labels', () => {
  const nobody = (pictures: number) => ({
    positions: new Int32Array(pictures * NEIGHBOURS).fill(NOBODY),
    sample: Array.from({ length: pictures }, (_, i) => i),
  });

  test('are the most striking ones where a head contradicts many: at most a twelfth of the pictures', () => {
    const count = 100;
    const labels = new Int32Array(count);
    const probabilities = Float32Array.from({ length: count * 3 }, (_, i) => {
      const surer = 0.5 + Math.floor(i / 3) / 250;
      return [0.05, surer, 1 - 0.05 - surer][i % 3] as number;
    });
    const suspected = suspectedLabels({ probabilities, neighbours: nobody(count) }, labels, 3);
    assert.deepEqual(
      suspected.map(({ picture }) => picture),
      [99, 98, 97, 96, 95, 94, 93, 92],
    );
    assert.ok(suspected.every(({ suggested, odds }) => suggested === 1 && odds > 6));
  });

  test('weigh what the head says with the labels of the nearest pictures', () => {
    const labels = Int32Array.of(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1);
    const [zeros, ones] = [
      [1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10],
    ] as const;
    const ask = (first: readonly [number, number], nearest: readonly number[], sampleOfZeros = 6) => {
      const probabilities = Float32Array.from([...labels].flatMap((label) => (label === 0 ? [1, 0] : [0, 1])));
      probabilities.set(first);
      const neighbours = nobody(labels.length);
      neighbours.positions.set(nearest);
      neighbours.sample.splice(0, 6 - sampleOfZeros);
      return suspectedLabels({ probabilities, neighbours }, labels, 2).map(({ picture, odds }) => [
        picture,
        Math.round(odds * 1000) / 1000,
      ]);
    };
    assert.deepEqual(ask([0.1, 0.9], []), [[0, 9]], 'the head alone, where there are no neighbours');
    assert.deepEqual(ask([0.5, 0.5], ones), [[0, 11]], 'the neighbours alone');
    assert.deepEqual(ask([0.1, 0.9], [1, 6, 7]), [[0, 15]]);
    assert.deepEqual(ask([0.1, 0.9], zeros), [], 'contradicted by them');
    assert.deepEqual(ask([0.75, 0.25], ones), [], 'contradicted by the head');
    assert.deepEqual(ask([0.5, 0.5], ones, 5), [], 'where those of its own class could not have been the nearest');
    assert.deepEqual(ask([0.1, 0.9], zeros, 5), [[0, 9]], 'nor do they then speak for it');
  });

  test('bear a probability of 0', () => {
    const opinions = { probabilities: Float32Array.of(0, 1), neighbours: nobody(1) };
    const [suspected] = suspectedLabels(opinions, Int32Array.of(0), 2);
    assert.ok(suspected && Number.isFinite(suspected.odds));
  });
});

describe('neighbours', () => {
  test('are the nearest pictures that are no copies, and as many as there are', async () => {
    const random = createRandom('neighbours');
    const vectors = Array.from({ length: 40 }, () => Float32Array.from({ length: 8 }, () => random.next() - 0.5));
    const data = await dataOf(vectors.map((vector) => ({ label: 'ant', vector })));
    const embeddings = { ...data.embeddings, dimensions: 8 };
    const groups = Int32Array.from(vectors, (_, i) => (i < 4 ? 0 : i));
    const { positions, distances } = await findNeighbours(embeddings, groups, never);
    const cosine = (a: Float32Array, b: Float32Array) => {
      const product = (c: Float32Array, d: Float32Array) =>
        c.reduce((sum, value, i) => sum + value * (d[i] as number), 0);
      return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
    };
    for (const [i, vector] of vectors.entries()) {
      const others = vectors.flatMap((other, j) =>
        groups[i] === groups[j] ? [] : [[cosine(vector, other), j] as const],
      );
      const nearest = others.toSorted((a, b) => b[0] - a[0]).slice(0, NEIGHBOURS);
      const found = positions.subarray(i * NEIGHBOURS, (i + 1) * NEIGHBOURS);
      assert.deepEqual(
        [...found].toSorted((a, b) => a - b),
        nearest.map(([, j]) => j).toSorted((a, b) => a - b),
      );
      const mean = nearest.reduce((sum, [value]) => sum + value, 0) / NEIGHBOURS;
      assert.ok(Math.abs((distances[i] as number) - (1 - mean)) < 1e-5);
    }
    const few = await dataOf(many('ant', 3));
    const found = await findNeighbours(few.embeddings, few.duplicates.groups, never);
    assert.equal(found.positions.filter((position) => position === NOBODY).length, 3 * (NEIGHBOURS - 2));
  });

  test('are no longer looked for when nobody wants them', async () => {
    const { embeddings, duplicates } = await dataOf(many('ant', 30));
    await rejectsWith(findNeighbours(embeddings, duplicates.groups, AbortSignal.abort()), 'ABORTED');
  });
});

describe('outliers', () => {
  test('are not looked for among a few pictures, nor found where all are the same', () => {
    const far = (count: number) => Array.from({ length: count }, (_, i) => (i === 0 ? 1 : 0.1 + i / 1000));
    assert.deepEqual(findOutliers(far(19), new Int32Array(19)), []);
    assert.deepEqual(findOutliers(far(20), new Int32Array(20)), [0]);
    assert.deepEqual(findOutliers(Array<number>(30).fill(0.1), new Int32Array(30)), []);
  });

  test('are not those of a class whose pictures are all farther from each other than those of the others', () => {
    const spread = (middle: number) => Array.from({ length: 15 }, (_, i) => middle * (0.8 + i / 35));
    const distances = [...spread(0.05), ...spread(0.12), ...spread(0.05)];
    const labels = Int32Array.from(distances, (_, i) => Math.floor(i / 15));
    assert.deepEqual(findOutliers(distances, new Int32Array(45)), [29, 28]);
    assert.deepEqual(findOutliers(distances, labels), []);
    assert.deepEqual(findOutliers(distances.with(16, 0.3), labels), [16], 'but one that is far from its own');
    const few = Int32Array.from(distances, (_, i) => (i < 26 ? 0 : i < 30 ? 1 : 2));
    assert.deepEqual(findOutliers(distances, few), [29, 28], 'a few tell nothing of their class');
  });
});
