/**
 * Data sets that the service keeps in the data directory: datasets/NAME/{classes.json, pictures.jsonl, pictures/SHA256.jpg},
 * with a small picture of each in thumbnails/. Each change is there as a whole, and on the disk, when it is said to be done.
 */
import { rename } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../../config.js';
import { AppError } from '../../errors.js';
import { syncFolder } from '../../folders.js';
import type { Decoder } from '../../image/decode.js';
import { CLASSES, idOf, PICTURES, type PictureLine } from './books.js';
import { createPictureFiles } from './picture-files.js';
import { type AddedPictures, createReception, type DatasetReception, type ReceivedPicture } from './reception.js';
import { createRoom } from './room.js';
import { createShelf } from './shelf.js';
import {
  bytesIn,
  classesOf,
  type DatasetSummary,
  type KeptClass,
  type KeptPicture,
  mapPictures,
  parted,
  requireClass,
  requirePicture,
  summaryOf,
  viewOf,
} from './views.js';

export interface PicturesQuery {
  readonly label?: string | undefined;
  /** What the page before said as `next`. */
  readonly after?: number | undefined;
  readonly limit: number;
}

/** What is learned from: a list of pictures, and the names of the classes, of which a file of labels has at least two. */
export interface DatasetFiles {
  /** Of the data set. */
  readonly name: string;
  readonly pictures: string;
  readonly labels?: string;
}

interface ClassChange {
  readonly newLabel?: string | undefined;
  readonly zh?: string | undefined;
}

/**
 * All throw AppError DATASET_NOT_FOUND for a name that there is none of, CLASS_NOT_FOUND and PICTURE_NOT_FOUND in the same way,
 * DATASET_FULL, DISK_FULL and DATA_UNWRITABLE for what cannot be kept.
 */
export interface KeptDatasets {
  readonly list: () => Promise<DatasetSummary[]>;
  /** @throws AppError DATASET_EXISTS */
  readonly create: (name: string) => Promise<DatasetSummary>;
  readonly show: (name: string) => Promise<Omit<DatasetSummary, 'classes'> & { readonly classes: KeptClass[] }>;
  readonly remove: (name: string) => Promise<void>;
  /** Without a Chinese name it goes by its label. @throws AppError CLASS_EXISTS */
  readonly addClass: (name: string, label: string, zh?: string) => Promise<KeptClass>;
  /** @throws AppError CLASS_EXISTS */
  readonly changeClass: (name: string, label: string, change: ClassChange) => Promise<KeptClass>;
  /** With its pictures. */
  readonly removeClass: (name: string, label: string) => Promise<void>;
  /** The oldest first; `next` is null after the last one. */
  readonly pictures: (name: string, query: PicturesQuery) => Promise<{ pictures: KeptPicture[]; next: number | null }>;
  /** Takes pictures of a class; `announced` is how many bytes are said to come, or 0. */
  readonly receive: (name: string, label: string, announced: number) => Promise<DatasetReception>;
  readonly movePicture: (name: string, id: string, label: string) => Promise<KeptPicture>;
  readonly removePicture: (name: string, id: string) => Promise<void>;
  readonly thumbnail: (name: string, id: string, signal: AbortSignal) => Promise<Uint8Array>;
  readonly files: (name: string) => Promise<DatasetFiles>;
}

export interface KeptDatasetsOptions {
  readonly settings: Pick<Settings, 'home' | 'maxBytes' | 'datasetBytes'>;
  /** Decodes what arrives, within the limits of all pictures. */
  readonly decode: Decoder['decode'];
}

/** Characters of a label. */
export const MOST_LABEL = 500;
const MOST_DATASETS = 1_000;
const MOST_CLASSES = 10_000;
const MOST_PICTURES = 100_000;

export function createKeptDatasets({ settings, decode }: KeptDatasetsOptions): KeptDatasets {
  const shelf = createShelf(path.join(settings.home, 'datasets'));
  const { open, rewrite, inTurn, folderOf } = shelf;
  const files = createPictureFiles(decode);
  const room = createRoom({
    folder: shelf.folder,
    most: settings.datasetBytes,
    kept: async () => (await inTurn(shelf.openAll)).reduce((sum, [, { books }]) => sum + bytesIn(books), 0),
  });

  async function create(name: string): Promise<DatasetSummary> {
    const all = await shelf.names();
    if (all.includes(name)) throw new AppError('DATASET_EXISTS', { name });
    requireFewer(all.length, MOST_DATASETS, 'data sets');
    return summaryOf(name, await shelf.create(name));
  }

  async function addClass(name: string, label: string, zh = label): Promise<KeptClass> {
    const { classes } = (await open(name)).books;
    if (classes.has(label)) throw new AppError('CLASS_EXISTS', { name, label });
    requireFewer(classes.size, MOST_CLASSES, 'classes');
    await rewrite(name, { classes: new Map([...classes, [label, zh]]) });
    return { label, zh, pictures: 0 };
  }

  async function changeClass(name: string, label: string, change: ClassChange): Promise<KeptClass> {
    const { books } = await open(name);
    const before = requireClass(books, label);
    const { newLabel = label, zh = before === label ? newLabel : before } = change;
    const isRenamed = newLabel !== label;
    if (isRenamed && books.classes.has(newLabel)) throw new AppError('CLASS_EXISTS', { name, label: newLabel });
    const classes = new Map([...books.classes].map((one) => (one[0] === label ? [newLabel, zh] : one)));
    const pictures = mapPictures(books, (one) => (one.label === label ? { ...one, label: newLabel } : one));
    await rewrite(name, { classes, ...(isRenamed && { pictures }) });
    const [inIt] = parted(books, (one) => one.label === label);
    return { label: newLabel, zh, pictures: inIt.length };
  }

  async function removeClass(name: string, label: string): Promise<void> {
    const { books } = await open(name);
    requireClass(books, label);
    const classes = new Map([...books.classes].filter(([one]) => one !== label));
    const [gone, pictures] = parted(books, (one) => one.label === label);
    await rewrite(name, { classes, ...(gone.length > 0 && { pictures }) });
    await files.remove(folderOf(name), gone);
  }

  async function listPictures(name: string, { label, after = 0, limit }: PicturesQuery) {
    const { books } = await open(name);
    if (label !== undefined) requireClass(books, label);
    const [found] = parted(books, (one) => one.added > after && (label === undefined || one.label === label));
    const page = found.slice(0, limit);
    return { pictures: page.map(viewOf), next: found.length > limit ? (page.at(-1)?.added ?? null) : null };
  }

  async function movePicture(name: string, id: string, label: string): Promise<KeptPicture> {
    const { books } = await open(name);
    const moved = { ...requirePicture(name, books, id), label };
    requireClass(books, label);
    await rewrite(name, { pictures: mapPictures(books, (one) => (idOf(one) === id ? moved : one)) });
    return viewOf(moved);
  }

  async function removePicture(name: string, id: string): Promise<void> {
    const { books } = await open(name);
    requirePicture(name, books, id);
    const [gone, pictures] = parted(books, (one) => idOf(one) === id);
    await rewrite(name, { pictures });
    await files.remove(folderOf(name), gone);
  }

  async function receive(name: string, label: string, announced: number): Promise<DatasetReception> {
    await inTurn(async () => {
      requireClass((await open(name)).books, label);
      await files.makeFolders(folderOf(name));
    });
    return createReception({
      ...{ folder: folderOf(name), maxBytes: settings.maxBytes, look: files.look },
      reservation: await room.enter(announced),
      enter: (received) => inTurn(() => enter(name, label, received)),
    });
  }

  /** What was received takes its place in the folder, and then in the books. */
  async function enter(name: string, label: string, received: readonly ReceivedPicture[]): Promise<Entered> {
    const { books } = await open(name);
    requireClass(books, label);
    const folder = folderOf(name);
    const fresh = new Map<string, ReceivedPicture>();
    for (const one of received) if (!books.pictures.has(one.id) && !fresh.has(one.id)) fresh.set(one.id, one);
    requireFewer(books.pictures.size + fresh.size - 1, MOST_PICTURES, 'pictures');
    let added = [...books.pictures.values()].at(-1)?.added ?? 0;
    const lines: PictureLine[] = [];
    for (const { id, draft, ending, bytes, name: given, small } of fresh.values()) {
      added = Math.max(added + 1, Date.now());
      const line = { path: `pictures/${id}.${ending}`, label, name: given, bytes, added };
      await rename(draft, path.join(folder, line.path));
      await files.keepThumbnail(folder, id, small);
      lines.push(line);
    }
    if (lines.length > 0) {
      await syncFolder(path.join(folder, 'pictures'));
      await shelf.append(name, lines).catch(async (error) => {
        await files.remove(folder, lines);
        throw error;
      });
    }
    return { added: lines.map(idOf), repeated: received.length - lines.length };
  }

  return {
    list: async () => (await inTurn(shelf.openAll)).map(([name, opened]) => summaryOf(name, opened)),
    create: (name) => inTurn(() => create(name)),
    show: async (name) => {
      const opened = await inTurn(() => open(name));
      return { ...summaryOf(name, opened), classes: classesOf(opened.books) };
    },
    remove: (name) => inTurn(() => shelf.remove(name)),
    addClass: (...given) => inTurn(() => addClass(...given)),
    changeClass: (...given) => inTurn(() => changeClass(...given)),
    removeClass: (...given) => inTurn(() => removeClass(...given)),
    pictures: (...given) => inTurn(() => listPictures(...given)),
    receive,
    movePicture: (...given) => inTurn(() => movePicture(...given)),
    removePicture: (...given) => inTurn(() => removePicture(...given)),
    thumbnail: async (name, id, signal) => {
      const { books } = await inTurn(() => open(name));
      return files.thumbnail(folderOf(name), requirePicture(name, books, id), signal);
    },
    files: async (name) => {
      const { books } = await inTurn(() => open(name));
      const [pictures, labels] = [PICTURES, CLASSES].map((file) => path.join(folderOf(name), file)) as [string, string];
      return { name, pictures, ...(books.classes.size > 1 && { labels }) };
    },
  };
}

type Entered = Pick<AddedPictures, 'added' | 'repeated'>;

/** @throws AppError DATASET_FULL */
function requireFewer(count: number, most: number, what: string): void {
  if (count < most) return;
  const remedy = 'Delete what is not needed first';
  throw new AppError('DATASET_FULL', { held: `${count} ${what}`, limit: String(most), remedy });
}
