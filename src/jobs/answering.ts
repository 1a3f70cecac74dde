/** One picture of a job: from where it lies to its outcome. */
import type { Classification, ModelIdentity } from '../classification/classification.js';
import { type SharedDecoding, shareDecoding } from '../classification/shared-decoding.js';
import type { Settings } from '../config.js';
import { readPicture } from '../dataset/read-picture.js';
import { toAppError } from '../errors.js';
import { sha256InBackground } from '../hashes.js';
import type { Decoder } from '../image/decode.js';
import { thumbnailOfPixels } from '../image/thumbnail.js';
import { createSemaphore } from '../semaphore.js';
import type { Serving } from '../serving/serving.js';
import { requireAllowed } from './allowed-paths.js';
import { answerKey } from './answer-key.js';
import { groupBy } from './group-by.js';
import { type KeptAnswer, keptError } from './job.js';
import type { PictureStore } from './pictures/store.js';
import type { JobStore, Outcome, TakenItem } from './store.js';

export interface AnsweringOptions {
  readonly serving: Serving;
  readonly store: Pick<JobStore, 'answers'>;
  readonly pictures: PictureStore;
  readonly settings: Settings;
}

export interface Answering {
  /** Those of the items that others have had the answer to, without looking at the pictures. */
  readonly recall: (items: readonly TakenItem[], signal: AbortSignal) => Promise<ReadonlyMap<TakenItem, Outcome>>;
  /**
   * An answer, or why the picture has none.
   * @throws AppError for what is no fault of the picture, and may be over in a while
   */
  readonly answer: (item: TakenItem, signal: AbortSignal) => Promise<Outcome>;
}

/** The system decodes for all with few threads, first come, first served: a job leaves some to those who wait. */
const DECODED_AT_ONCE = 2;

/** Another try may succeed; until then the item waits. */
const PASSING: ReadonlySet<string> = new Set([
  ...['MODELS_BUSY', 'QUEUE_FULL', 'DEADLINE_EXCEEDED', 'ABORTED', 'CLOSED', 'WORKER_FAILED'],
  ...['QUEUE_UNAVAILABLE', 'PICTURES_UNAVAILABLE'],
]);

/** A job's pictures have their own bounds, and take none of the places of those who wait for an answer. */
const NO_PLACE = { grow: () => undefined, arrive: () => undefined, answered: () => undefined, leave: () => undefined };
const UNBOUNDED = { place: NO_PLACE, deadlineMs: Number.MAX_SAFE_INTEGER };

export function createAnswering({ serving, store, pictures, settings }: AnsweringOptions): Answering {
  const decoding = createSemaphore(DECODED_AT_ONCE);

  const sparingly = (decoder: Decoder): Decoder['decode'] => {
    return async (bytes, signal, shortSide) => {
      const leave = await decoding.acquire(1, signal);
      try {
        return await decoder.decode(bytes, signal, shortSide);
      } finally {
        leave();
      }
    };
  };

  const keyOf = ({ job, options }: TakenItem, sha256: string, model: ModelIdentity) =>
    answerKey({ job, options, sha256, model }, settings);

  async function recall(items: readonly TakenItem[], signal: AbortSignal): Promise<ReadonlyMap<TakenItem, Outcome>> {
    const keys = await keysOf(
      items.filter(({ source, options }) => 'sha256' in source && !options.thumbnails),
      signal,
    );
    const answers = keys.size > 0 ? await store.answers([...new Set(keys.values())]) : new Map<string, KeptAnswer>();
    const found = new Map<TakenItem, Outcome>();
    for (const [item, key] of keys) {
      const answer = answers.get(key);
      if (answer) found.set(item, outcomeOf(item, key, hashOf(item), answer, 0));
    }
    return found;
  }

  /** Of those whose model is there. */
  async function keysOf(items: readonly TakenItem[], signal: AbortSignal): Promise<ReadonlyMap<TakenItem, string>> {
    const keys = new Map<TakenItem, string>();
    for (const own of groupBy(items, ({ job }) => job).values()) {
      const model = await modelFor(own[0] as TakenItem, signal).catch(() => undefined);
      if (model) for (const item of own) keys.set(item, keyOf(item, hashOf(item), model));
    }
    return keys;
  }

  const modelFor = ({ options: { model, precision } }: TakenItem, signal: AbortSignal) =>
    serving.use({ model, precision }, async (classifier) => classifier.model(), signal);

  async function answer(item: TakenItem, signal: AbortSignal): Promise<Outcome> {
    let sha256: string | undefined;
    try {
      const bytes = await read(item);
      sha256 = 'sha256' in item.source ? item.source.sha256 : await sha256InBackground(bytes);
      return await answerBytes(item, bytes, sha256, signal);
    } catch (thrown) {
      const error = toAppError(thrown);
      if (PASSING.has(error.code)) throw error;
      return { job: item.job, item: item.item, sha256, error: keptError(error) };
    }
  }

  async function read({ job, source }: TakenItem): Promise<Uint8Array> {
    if ('sha256' in source) return pictures.read(job, source.sha256);
    // A link may have been changed since the job was made.
    return readPicture(await requireAllowed(source.path, settings.jobFolders), settings.maxBytes);
  }

  async function answerBytes(
    item: TakenItem,
    bytes: Uint8Array,
    sha256: string,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { model, precision, top, lang, threshold } = item.options;
    return serving.use(
      { model, precision },
      async (classifier) => {
        const key = keyOf(item, sha256, classifier.model());
        const known = 'path' in item.source ? (await store.answers([key])).get(key) : undefined;
        if (known && !item.options.thumbnails) return outcomeOf(item, key, sha256, known, 0);
        const wanted = { top, lang, threshold, signal, ...UNBOUNDED };
        const { answer, thumbnailBytes } = item.options.thumbnails
          ? await answerWithThumbnail(item, sha256, bytes, (sharing) =>
              classifier.classify(bytes, { ...wanted, sharing }),
            )
          : {
              answer: await classifier.classify(bytes, { ...wanted, sharing: { through: sparingly } }),
              thumbnailBytes: 0,
            };
        return outcomeOf(item, keyOf(item, sha256, answer.model), sha256, withoutTiming(answer), thumbnailBytes);
      },
      signal,
    );
  }

  /** Both from the same pixels. An answer without its thumbnail is better than none. */
  async function answerWithThumbnail(
    { job }: TakenItem,
    sha256: string,
    bytes: Uint8Array,
    classify: (sharing: Pick<SharedDecoding, 'through'>) => Promise<Classification>,
  ) {
    const sharing = shareDecoding();
    let decode: Decoder['decode'] | undefined;
    const through = (decoder: Decoder) => {
      decode = sharing.through({ ...decoder, decode: sparingly(decoder) });
      return decode;
    };
    try {
      const answer = await classify({ through });
      const thumbnailBytes = await keepThumbnail(job, sha256, decode?.(bytes)).catch(() => 0);
      return { answer, thumbnailBytes };
    } finally {
      sharing.release();
    }
  }

  async function keepThumbnail(
    job: string,
    sha256: string,
    image: ReturnType<Decoder['decode']> | undefined,
  ): Promise<number> {
    if (!image) return 0;
    const jpeg = await thumbnailOfPixels(await image);
    await pictures.keepThumbnail(job, sha256, jpeg);
    return jpeg.length;
  }

  return { recall, answer };
}

const hashOf = ({ source }: TakenItem): string => ('sha256' in source ? source.sha256 : '');

function withoutTiming({ timing, ...answer }: Classification): KeptAnswer {
  return answer;
}

function outcomeOf(
  { job, item }: TakenItem,
  key: string,
  sha256: string,
  answer: KeptAnswer,
  thumbnailBytes: number,
): Outcome {
  return { job, item, key, sha256, answer, thumbnailBytes };
}
