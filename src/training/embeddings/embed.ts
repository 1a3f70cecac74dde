/** Pictures through a frozen network: a vector for each view of each, from the cache where they are known. */
import path from 'node:path';
import type { Settings } from '../../config.js';
import type { OwnPicture } from '../../dataset/dataset.js';
import { decodedPictures } from '../../dataset/decoded-pictures.js';
import { membersBy } from '../../dataset/duplicates.js';
import { AppError } from '../../errors.js';
import { sha256Of } from '../../hashes.js';
import { fingerprintOf } from '../../image/fingerprint.js';
import { type DecodedImage, shrunkShortSide } from '../../image/input-spec.js';
import { createPreprocessor } from '../../image/preprocess.js';
import { usableMemory } from '../../inference/machine.js';
import type { Bundle } from '../../models/bundle.js';
import { createRandom } from '../../random.js';
import { createEmbeddingCache } from './cache.js';
import type { Embeddings } from './embeddings.js';
import { hashPictures } from './hash-pictures.js';
import { openEmbeddingNetwork } from './network.js';
import { changedView, VIEW_RECIPE } from './views.js';

export interface EmbedOptions {
  /** Wanted of each picture; fewer where they would not fit in memory. */
  readonly views: number;
  readonly seed: number;
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
  /** What `hashPictures` said of them, if it was asked before. */
  readonly hashes?: readonly (string | AppError)[];
}

/** Of the memory of this machine, and of what is reasonable: bytes that vectors may take. */
const MEMORY_SHARE = 0.25;
const MOST_BYTES = 1024 ** 3;
const FINGERPRINT_BYTES = 32;

/**
 * The first view is the picture as it is answered, in FP32. What was embedded stays in the cache, also if it is aborted.
 * @throws AppError PRECISION_UNAVAILABLE, MODEL_DAMAGED, MODEL_INVALID, DATASET_INVALID for more than fits in memory, ABORTED
 */
export async function embedPictures(
  pictures: readonly OwnPicture[],
  bundle: Bundle,
  { views: wanted, seed, settings, signal, onProgress, hashes }: EmbedOptions,
): Promise<Embeddings> {
  const network = await openEmbeddingNetwork(bundle);
  const { dimensions } = network;
  const { input } = bundle.manifest;
  const shortSide = settings.shrinkOnLoad ? shrunkShortSide(input) : 0;
  const views = fitting(pictures.length, wanted, dimensions);
  const vectors = new Float32Array(pictures.length * views * dimensions);
  const known = new Uint8Array(pictures.length * views);
  const cache = createEmbeddingCache({
    folder: path.join(settings.home, 'cache/embeddings'),
    key: sha256Of(JSON.stringify([network.identity, input, settings.iccProfiles, shortSide, VIEW_RECIPE])).slice(0, 32),
    dimensions,
  });

  function keep(position: number, view: number, vector: Float32Array): void {
    vectors.set(vector, (position * views + view) * dimensions);
    known[position * views + view] = 1;
  }

  const forget = (position: number) => known.fill(0, position * views, (position + 1) * views);

  const isKnown = (position: number) => !known.subarray(position * views, (position + 1) * views).includes(0);

  async function recall(entries: readonly Entry[]): Promise<void> {
    const positions = membersBy(entries.map(({ sha256 }) => sha256));
    await cache.readAll(({ sha256, view, seed: of, fingerprint, vector }) => {
      if (view >= views || (view > 0 && of !== seed)) return;
      for (const position of positions.get(sha256) ?? []) {
        keep(position, view, vector);
        (entries[position] as Entry).fingerprint = fingerprint;
      }
    });
  }

  /** Runs what is still missing through the network. */
  async function calculate(entries: readonly Entry[]): Promise<void> {
    const missing = entries.filter(({ position, error }) => !error && !isKnown(position));
    const preprocessor = await createPreprocessor(input);
    const size = 3 * input.height * input.width;
    const tensors = new Float32Array(network.batch * size);
    let batch: { readonly entry: Entry; readonly view: number }[] = [];
    let done = entries.length - missing.length;

    async function run(): Promise<void> {
      const results = await network.run(tensors.subarray(0, batch.length * size));
      for (const [i, { entry, view }] of batch.entries()) {
        const vector = results.slice(i * dimensions, (i + 1) * dimensions);
        keep(entry.position, view, vector);
        await cache.add({ ...entry, view, seed: view === 0 ? 0 : seed, vector });
      }
      batch = [];
    }

    async function look(entry: Entry, image: DecodedImage): Promise<void> {
      for (let view = 0; view < views; view++) {
        if (known[entry.position * views + view]) continue;
        const random = createRandom('view', seed, entry.sha256, view);
        const tensor = view === 0 ? preprocessor.tensor(image) : changedView(image, input, preprocessor, random);
        tensors.set(tensor, batch.length * size);
        batch.push({ entry, view });
        if (batch.length === network.batch) await run();
      }
    }

    onProgress(done, entries.length);
    for await (const one of decodedPictures(missing, settings, signal, shortSide)) {
      const entry = one.picture;
      if ('error' in one) entry.error = one.error;
      else {
        const sha256 = sha256Of(one.bytes);
        // Written since it was hashed: what is known is of the picture before.
        if (sha256 !== entry.sha256) forget(entry.position);
        entry.sha256 = sha256;
        entry.fingerprint = fingerprintOf(one.image);
        await look(entry, one.image).finally(one.image.release);
      }
      onProgress(++done, entries.length);
    }
    if (batch.length > 0) await run();
  }

  try {
    const contents = hashes ?? (await hashPictures(pictures, { settings, signal }));
    const entries = pictures.map((picture, position) =>
      entryOf(picture, position, contents[position] as string | AppError),
    );
    await recall(entries);
    await calculate(entries);
    return collect(entries, vectors, views, dimensions);
  } finally {
    await Promise.all([cache.close(), network.release()]);
  }
}

function entryOf(picture: OwnPicture, position: number, content: string | AppError): Entry {
  const known = typeof content === 'string' ? { sha256: content, error: undefined } : { sha256: '', error: content };
  return { path: picture.path, picture, position, ...known, fingerprint: new Uint8Array(FINGERPRINT_BYTES) };
}

interface Entry {
  readonly path: string;
  readonly picture: OwnPicture;
  /** Among all that were asked for. */
  readonly position: number;
  sha256: string;
  fingerprint: Uint8Array;
  error: AppError | undefined;
}

/** How many views of so many pictures fit in memory, at most as many as are wanted. */
function fitting(pictures: number, wanted: number, dimensions: number): number {
  const most = Math.floor(Math.min(MOST_BYTES, usableMemory() * MEMORY_SHARE) / (4 * dimensions));
  if (pictures <= most) return Math.max(1, Math.min(wanted, Math.floor(most / Math.max(1, pictures))));
  throw new AppError('DATASET_INVALID', {
    source: 'the data set',
    expected: `at most ${most} pictures, whose vectors fit in memory,`,
    found: `${pictures}`,
    remedy: 'Train with fewer pictures, or on a machine with more memory',
  });
}

/** Closes the gaps that pictures have left which cannot be read. */
function collect(entries: readonly Entry[], vectors: Float32Array, views: number, dimensions: number): Embeddings {
  const size = views * dimensions;
  const readable = entries.filter(({ error }) => !error);
  for (const [i, { position }] of readable.entries())
    if (i !== position) vectors.copyWithin(i * size, position * size, (position + 1) * size);
  return {
    pictures: readable.map(({ picture, sha256, fingerprint }) => ({ picture, sha256, fingerprint })),
    unreadable: entries.flatMap(({ picture, error }) => (error ? [{ picture, error }] : [])),
    dimensions,
    views,
    vectors: vectors.subarray(0, readable.length * size),
    vector: (picture, view) =>
      vectors.subarray(picture * size + view * dimensions, picture * size + (view + 1) * dimensions),
  };
}
