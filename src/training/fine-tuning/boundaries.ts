/** What the frozen part of a network makes of each view of each picture: calculated once, and kept in a file as far as it has room. */
import type { FileHandle } from 'node:fs/promises';
import type { Settings } from '../../config.js';
import type { OwnPicture } from '../../dataset/dataset.js';
import { type DecodedPicture, decodedPictures } from '../../dataset/decoded-pictures.js';
import type { AppError } from '../../errors.js';
import { diskErrorInWords, freeBytes, openUnnamed } from '../../folders.js';
import { sha256Of } from '../../hashes.js';
import { type InputSpec, shrunkShortSide } from '../../image/input-spec.js';
import { createPreprocessor } from '../../image/preprocess.js';
import { openGraph } from '../../inference/graph-session.js';
import { usableCores } from '../../inference/machine.js';
import { serializeModel, withOutputs } from '../../onnx/model-file.js';
import { createRandom } from '../../random.js';
import { changedView } from '../embeddings/views.js';
import type { Network } from './network.js';

export interface BoundaryOptions {
  readonly network: Network;
  /** The value at which it is cut. */
  readonly boundary: string;
  readonly input: InputSpec;
  readonly pictures: readonly OwnPicture[];
  /** How many of them, from the first on, have changed views. */
  readonly changing: number;
  /** Of each of these; the first is the picture as it is answered. */
  readonly views: number;
  readonly seed: number;
  readonly settings: Settings;
  /** Where the file is, which has no name. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** A picture that cannot be read any more, once. */
  readonly onUnreadable: (picture: OwnPicture, error: AppError) => void;
  /** Bytes that the file may take. */
  readonly budget?: number;
}

/** A view of a picture, by their positions. */
export interface ViewOf {
  readonly picture: number;
  readonly view: number;
}

export interface Boundaries {
  /** Numbers of one view. */
  readonly size: number;
  /** Their values, one after the other in memory that the next call overwrites; zeros for what is left out. */
  readonly read: (wanted: readonly ViewOf[]) => Promise<Float32Array>;
  /** Positions of pictures that could not be read: they are not tried again, and whoever goes on with an earlier run adds its own. */
  readonly leftOut: Set<number>;
  /** Milliseconds that were spent on the frozen part, and that it will still take to have all views that can be kept. */
  readonly time: () => { readonly spent: number; readonly left: number };
  readonly close: () => Promise<void>;
}

/** 40,000 views of a last stage like that of ResNet-18; what is beyond is calculated each time it is needed. */
const MOST_BYTES = 8 * 1024 ** 3;
/** Of what is free on the disk. */
const SHARE_OF_DISK = 0.5;

/** @throws AppError MODEL_INVALID, DATA_UNWRITABLE */
export async function createBoundaries(options: BoundaryOptions): Promise<Boundaries> {
  const { network, boundary, pictures, changing, views, folder, onUnreadable, budget = MOST_BYTES } = options;
  const size = network.shapeOf(boundary).reduce((product, one) => product * one, 1);
  const frozen = await openFrozen(options);
  const capacity = Math.floor(Math.min(budget, (await freeBytes(folder)) * SHARE_OF_DISK) / (4 * size));
  const file = await openUnnamed(folder).catch(async (error) => {
    await frozen.close();
    throw await diskErrorInWords(folder, error, 4 * size);
  });
  const known = new Uint8Array(Math.min(capacity, pictures.length + changing * (views - 1)));
  const slotOf = ({ picture, view }: ViewOf) =>
    view === 0 ? picture : pictures.length + (view - 1) * changing + picture;
  const leftOut = new Set<number>();
  let memory = new Float32Array(0);
  let spent = 0;

  async function keep(slot: number, values: Float32Array): Promise<void> {
    if (slot >= known.length) return;
    await write(file, values, slot * size * 4).catch(async (error) => {
      throw await diskErrorInWords(folder, error, 4 * size);
    });
    known[slot] = 1;
  }

  /** What is wanted of a picture, and while it is decoded its other views that will be kept. */
  const missingOf = (picture: number, needed: ReadonlySet<number>) =>
    Array.from({ length: picture < changing ? views : 1 }, (_, view) => ({ picture, view })).filter(
      (one) => needed.has(one.view) || known[slotOf(one)] === 0,
    );

  async function read(wanted: readonly ViewOf[]): Promise<Float32Array> {
    if (memory.length < wanted.length * size) memory = new Float32Array(wanted.length * size);
    const missing = await recall(wanted);
    if (missing.size > 0) await calculate(wanted, missing);
    for (const [i, { picture }] of wanted.entries()) if (leftOut.has(picture)) memory.fill(0, i * size, (i + 1) * size);
    return memory.subarray(0, wanted.length * size);
  }

  /** From the file; gives what is not there, by the pictures. */
  async function recall(wanted: readonly ViewOf[]): Promise<Map<number, Set<number>>> {
    const missing = new Map<number, Set<number>>();
    for (const [i, one] of wanted.entries()) {
      const slot = slotOf(one);
      if (leftOut.has(one.picture)) continue;
      if (known[slot] === 1) await readInto(file, memory.subarray(i * size, (i + 1) * size), slot * size * 4);
      else missing.set(one.picture, (missing.get(one.picture) ?? new Set()).add(one.view));
    }
    return missing;
  }

  async function calculate(
    wanted: readonly ViewOf[],
    missing: ReadonlyMap<number, ReadonlySet<number>>,
  ): Promise<void> {
    const begun = performance.now();
    const places = new Map(wanted.map((one, i) => [slotOf(one), i]));
    const jobs = [...missing].map(([picture, needed]) => missingOf(picture, needed));
    await frozen.run(jobs, {
      take: async (one, values) => {
        const place = places.get(slotOf(one));
        if (place !== undefined) memory.set(values, place * size);
        await keep(slotOf(one), values);
      },
      miss: (picture, error) => {
        leftOut.add(picture);
        onUnreadable(pictures[picture] as OwnPicture, error);
      },
    });
    spent += performance.now() - begun;
  }

  return {
    size,
    read,
    leftOut,
    time: () => {
      const kept = known.reduce((sum, one) => sum + one, 0);
      return { spent, left: kept === 0 ? 0 : (spent / kept) * (known.length - kept) };
    },
    close: async () => {
      await Promise.all([file.close(), frozen.close()]);
    },
  };
}

interface Found {
  readonly take: (view: ViewOf, values: Float32Array) => Promise<void>;
  readonly miss: (picture: number, error: AppError) => void;
}

interface Frozen {
  /** Views of one picture together. @throws AppError ABORTED */
  readonly run: (views: readonly (readonly ViewOf[])[], found: Found) => Promise<void>;
  readonly close: () => Promise<void>;
}

async function openFrozen({
  network,
  boundary,
  input,
  pictures,
  seed,
  settings,
  signal,
}: BoundaryOptions): Promise<Frozen> {
  const preprocessor = await createPreprocessor(input);
  const shortSide = settings.shrinkOnLoad ? shrunkShortSide(input) : 0;
  const dims = network.shapeOf(network.input);
  const model = serializeModel(withOutputs(network.model, [boundary]));
  const session =
    boundary === network.input
      ? undefined
      : await openGraph(model, { path: network.name, input: network.input, threads: usableCores() });

  async function run(views: readonly (readonly ViewOf[])[], { take, miss }: Found): Promise<void> {
    const look = async ({ picture: { own }, bytes, image }: DecodedPicture<{ readonly own: readonly ViewOf[] }>) => {
      const sha256 = sha256Of(bytes);
      for (const one of own) {
        // The same views as those that the head was trained with.
        const random = createRandom('view', seed, sha256, one.view);
        const tensor = one.view === 0 ? preprocessor.tensor(image) : changedView(image, input, preprocessor, random);
        const values = await session?.run({ dims, data: tensor }, [boundary]);
        await take(one, values?.get(boundary)?.data ?? tensor);
      }
    };
    const jobs = views.map((own) => {
      const position = own[0]?.picture ?? 0;
      return { own, position, path: (pictures[position] as OwnPicture).path };
    });
    for await (const one of decodedPictures(jobs, settings, signal, shortSide)) {
      if ('error' in one) miss(one.picture.position, one.error);
      else await look(one).finally(one.image.release);
    }
  }

  return { run, close: async () => session?.release() };
}

async function write(file: FileHandle, values: Float32Array, position: number): Promise<void> {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

async function readInto(file: FileHandle, values: Float32Array, position: number): Promise<void> {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw new Error('the file of boundary values ends too soon');
    done += bytesRead;
  }
}
