/**
 * Data sets that the service keeps in the data directory: datasets/NAME/{classes.json, pictures.jsonl, pictures/SHA256.jpg},
 * with a small picture of each in thumbnails/. Each change is there as a whole, and on the disk, when it is said to be done.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../../config.js';
import { AppError } from '../../errors.js';
import { diskErrorInWords, makeFolder, syncFolder, writeDurably } from '../../folders.js';
import type { Decoder } from '../../image/decode.js';
import { detectFormat } from '../../image/format.js';
import { makeThumbnail } from '../../image/thumbnail.js';
import { createSemaphore } from '../../semaphore.js';
import {
  appendPictures,
  type Books,
  CLASSES,
  idOf,
  PICTURES,
  type PictureLine,
  readBooks,
  stampOf,
  writeBooks,
  writtenClasses,
} from './books.js';
import { type AddedPictures, createReception, type DatasetReception, type ReceivedPicture } from './reception.js';
import { createRoom } from './room.js';

export interface DatasetSummary {
  readonly name: string;
  readonly classes: number;
  readonly pictures: number;
  readonly bytes: number;
  readonly modified: Date;
}

export interface KeptClass {
  readonly label: string;
  readonly zh: string;
  readonly pictures: number;
}

export interface KeptPicture {
  /** The SHA-256 of its bytes. */
  readonly id: string;
  readonly label: string;
  readonly name: string;
  readonly bytes: number;
}

export interface PicturesQuery {
  readonly label?: string | undefined;
  /** The last one of the page before. */
  readonly after?: number | undefined;
  readonly limit: number;
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
  /** @throws AppError CLASS_EXISTS */
  readonly addClass: (name: string, label: string, zh?: string) => Promise<KeptClass>;
  /** @throws AppError CLASS_EXISTS */
  readonly changeClass: (
    name: string,
    label: string,
    change: { readonly newLabel?: string | undefined; readonly zh?: string | undefined },
  ) => Promise<KeptClass>;
  /** With its pictures. */
  readonly removeClass: (name: string, label: string) => Promise<void>;
  /** The oldest first; `next` is null after the last one. */
  readonly pictures: (name: string, query: PicturesQuery) => Promise<{ pictures: KeptPicture[]; next: number | null }>;
  /** Takes pictures of a class; `announced` is how many bytes are said to come, or 0. */
  readonly receive: (name: string, label: string, announced: number) => Promise<DatasetReception>;
  readonly movePicture: (name: string, id: string, label: string) => Promise<KeptPicture>;
  readonly removePicture: (name: string, id: string) => Promise<void>;
  readonly thumbnail: (name: string, id: string, signal: AbortSignal) => Promise<Uint8Array>;
  /** The list and the labels that a training takes. */
  readonly files: (name: string) => Promise<{ readonly pictures: string; readonly labels: string }>;
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
/** What is not in the books may be on its way into them, for so long at most. */
const STRAY_MS = 3_600_000;
/** As of jobs: the threads that decode are those that answer too. */
const DECODED_AT_ONCE = 2;

interface Opened {
  readonly stamp: string;
  readonly modified: Date;
  readonly books: Books;
}

export function createKeptDatasets({ settings, decode }: KeptDatasetsOptions): KeptDatasets {
  const home = path.join(settings.home, 'datasets');
  const folderOf = (name: string) => path.join(home, name);
  const opened = new Map<string, Opened>();
  const tidied = new Set<string>();
  const decoding = createSemaphore(DECODED_AT_ONCE);
  const room = createRoom({ folder: home, most: settings.datasetBytes, kept: keptBytes });
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other: what is read is what is there, and nobody writes meanwhile. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = last.then(work).catch(async (error) => {
      throw await diskErrorInWords(home, error, 0);
    });
    last = done.catch(() => undefined);
    return done;
  }

  async function open(name: string): Promise<Opened> {
    const folder = folderOf(name);
    const found = await stampOf(folder);
    if (!found) throw new AppError('DATASET_NOT_FOUND', { name });
    const known = opened.get(name);
    // Another process may have written to it.
    if (known?.stamp === found.stamp) return known;
    const books = await readBooks(folder);
    if (!tidied.has(name)) await removeStrays(folder, books).catch(() => undefined);
    tidied.add(name);
    return remember(name, books);
  }

  async function remember(name: string, books: Books): Promise<Opened> {
    const found = await stampOf(folderOf(name));
    if (!found) throw new AppError('DATASET_NOT_FOUND', { name });
    const now = { ...found, books };
    opened.set(name, now);
    return now;
  }

  /** Writes what is new in a data set, whose books are those that `change` makes of them. */
  async function rewrite(name: string, changed: Partial<Books>): Promise<void> {
    const { books } = await open(name);
    opened.delete(name);
    await writeBooks(folderOf(name), changed);
    await remember(name, { ...books, ...changed });
  }

  async function names(): Promise<string[]> {
    const entries = await readdir(home, { withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
  }

  async function openAll(): Promise<[name: string, Opened][]> {
    const all: [string, Opened][] = [];
    for (const name of await names()) {
      // One that is broken does not hide the others.
      const one = await open(name).catch(() => undefined);
      if (one) all.push([name, one]);
    }
    return all;
  }

  async function keptBytes(): Promise<number> {
    return (await inTurn(openAll)).reduce((sum, [, { books }]) => sum + bytesIn(books), 0);
  }

  async function create(name: string): Promise<DatasetSummary> {
    const all = await names();
    if (all.includes(name)) throw new AppError('DATASET_EXISTS', { name });
    if (all.length >= MOST_DATASETS)
      throw full(`${all.length} data sets`, MOST_DATASETS, 'Delete one that is not needed');
    await makeFolder(home);
    const draft = path.join(home, `.new-${randomUUID()}`);
    try {
      await mkdir(draft);
      await writeDurably(path.join(draft, CLASSES), writtenClasses(new Map()));
      await writeDurably(path.join(draft, PICTURES), '');
      await syncFolder(draft);
      await rename(draft, folderOf(name));
    } catch (error) {
      await rm(draft, { recursive: true, force: true }).catch(() => undefined);
      throw error;
    }
    await syncFolder(home);
    return summaryOf(name, await open(name));
  }

  async function remove(name: string): Promise<void> {
    await open(name);
    const removed = path.join(home, `.removed-${randomUUID()}`);
    await rename(folderOf(name), removed);
    opened.delete(name);
    await syncFolder(home);
    // Also those whose removal a process did not survive.
    const gone = (await readdir(home)).filter((entry) => entry.startsWith('.removed-'));
    for (const entry of gone) await rm(path.join(home, entry), { recursive: true, force: true, maxRetries: 10 });
  }

  async function addClass(name: string, label: string, zh = label): Promise<KeptClass> {
    const { books } = await open(name);
    if (books.classes.has(label)) throw new AppError('CLASS_EXISTS', { name, label });
    if (books.classes.size >= MOST_CLASSES)
      throw full(`${books.classes.size} classes`, MOST_CLASSES, 'Delete one that is not needed');
    await rewrite(name, { classes: new Map([...books.classes, [label, zh]]) });
    return { label, zh, pictures: 0 };
  }

  async function changeClass(
    name: string,
    label: string,
    { newLabel = label, zh }: Parameters<KeptDatasets['changeClass']>[2],
  ): Promise<KeptClass> {
    const { books } = await open(name);
    const before = requireClass(books, label);
    if (newLabel !== label && books.classes.has(newLabel))
      throw new AppError('CLASS_EXISTS', { name, label: newLabel });
    // Without a Chinese name of its own it goes by its label.
    const newZh = zh ?? (before === label ? newLabel : before);
    const classes = new Map([...books.classes].map((one) => (one[0] === label ? [newLabel, newZh] : one)));
    const pictures = mapPictures(books, (one) => (one.label === label ? { ...one, label: newLabel } : one));
    await rewrite(name, { classes, ...(newLabel !== label && { pictures }) });
    return { label: newLabel, zh: newZh, pictures: countIn(books, label) };
  }

  async function removeClass(name: string, label: string): Promise<void> {
    const { books } = await open(name);
    requireClass(books, label);
    const classes = new Map([...books.classes].filter(([one]) => one !== label));
    const [gone, left] = parted(books, (one) => one.label === label);
    await rewrite(name, { classes, ...(gone.length > 0 && { pictures: left }) });
    await removeFiles(name, gone);
  }

  async function pictures(name: string, { label, after = 0, limit }: PicturesQuery) {
    const { books } = await open(name);
    if (label !== undefined) requireClass(books, label);
    const found: PictureLine[] = [];
    for (const one of books.pictures.values()) {
      if (one.added <= after || (label !== undefined && one.label !== label)) continue;
      if (found.length === limit) return { pictures: found.map(viewOf), next: found.at(-1)?.added ?? null };
      found.push(one);
    }
    return { pictures: found.map(viewOf), next: null };
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
    const [gone, left] = parted(books, (one) => idOf(one) === id);
    await rewrite(name, { pictures: left });
    await removeFiles(name, gone);
  }

  async function removeFiles(name: string, gone: readonly PictureLine[]): Promise<void> {
    for (const one of gone) {
      await rm(path.join(folderOf(name), one.path), { force: true });
      await rm(thumbnailOf(name, idOf(one)), { force: true });
    }
  }

  const thumbnailOf = (name: string, id: string) => path.join(folderOf(name), 'thumbnails', `${id}.jpg`);

  async function thumbnail(name: string, id: string, signal: AbortSignal): Promise<Uint8Array> {
    const line = await inTurn(async () => requirePicture(name, (await open(name)).books, id));
    const kept = await readFile(thumbnailOf(name, id)).catch(() => undefined);
    // What a power cut leaves of a file may be its name.
    if (kept?.length) return kept;
    const { small } = await look(path.join(folderOf(name), line.path), signal);
    await keepThumbnail(name, id, small).catch(() => undefined);
    return small;
  }

  /** @throws AppError as `decode` does */
  async function look(file: string, signal?: AbortSignal) {
    const leave = await decoding.acquire(1, signal);
    try {
      const bytes = await readFile(file);
      return { format: detectFormat(bytes), small: await makeThumbnail(bytes, { decode, signal }) };
    } finally {
      leave();
    }
  }

  /** Not written out: it can be made again. */
  async function keepThumbnail(name: string, id: string, jpeg: Uint8Array): Promise<void> {
    const draft = path.join(folderOf(name), `.small-${randomUUID()}`);
    try {
      await writeFile(draft, jpeg);
      await rename(draft, thumbnailOf(name, id));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }

  async function receive(name: string, label: string, announced: number): Promise<DatasetReception> {
    await inTurn(async () => {
      requireClass((await open(name)).books, label);
      for (const inside of ['pictures', 'thumbnails']) await makeFolder(path.join(folderOf(name), inside));
    });
    const reservation = await room.enter(announced);
    return createReception({
      ...{ folder: folderOf(name), maxBytes: settings.maxBytes, reservation },
      look,
      enter: (received) => inTurn(() => enter(name, label, received)),
    });
  }

  /** What was received takes its place in the folder, and then in the books. */
  async function enter(
    name: string,
    label: string,
    received: readonly ReceivedPicture[],
  ): Promise<Pick<AddedPictures, 'added' | 'repeated'>> {
    const { books } = await open(name);
    requireClass(books, label);
    const folder = folderOf(name);
    const fresh = new Map(received.filter(({ id }) => !books.pictures.has(id)).map((one) => [one.id, one]));
    if (books.pictures.size + fresh.size > MOST_PICTURES)
      throw full(`${books.pictures.size} pictures`, MOST_PICTURES, 'Delete some, or make another data set');
    let added = [...books.pictures.values()].at(-1)?.added ?? 0;
    const lines: PictureLine[] = [];
    for (const { id, draft, ending, bytes, name: given, small } of fresh.values()) {
      added = Math.max(added + 1, Date.now());
      const line = { path: `pictures/${id}.${ending}`, label, name: given, bytes, added };
      await rename(draft, path.join(folder, line.path));
      await keepThumbnail(name, id, small).catch(() => undefined);
      lines.push(line);
    }
    await syncFolder(path.join(folder, 'pictures'));
    opened.delete(name);
    if (lines.length > 0) {
      await appendPictures(folder, lines).catch(async (error) => {
        await removeFiles(name, lines);
        throw error;
      });
    }
    const all = new Map([...books.pictures, ...lines.map((line) => [idOf(line), line] as const)]);
    await remember(name, { ...books, pictures: all });
    return { added: lines.map(idOf), repeated: received.length - lines.length };
  }

  return {
    list: async () => (await inTurn(openAll)).map(([name, one]) => summaryOf(name, one)),
    create: (name) => inTurn(() => create(name)),
    show: (name) =>
      inTurn(async () => {
        const one = await open(name);
        return { ...summaryOf(name, one), classes: classesOf(one.books) };
      }),
    remove: (name) => inTurn(() => remove(name)),
    addClass: (...given) => inTurn(() => addClass(...given)),
    changeClass: (...given) => inTurn(() => changeClass(...given)),
    removeClass: (...given) => inTurn(() => removeClass(...given)),
    pictures: (...given) => inTurn(() => pictures(...given)),
    receive,
    movePicture: (...given) => inTurn(() => movePicture(...given)),
    removePicture: (...given) => inTurn(() => removePicture(...given)),
    thumbnail,
    files: (name) =>
      inTurn(async () => {
        await open(name);
        return { pictures: path.join(folderOf(name), PICTURES), labels: path.join(folderOf(name), CLASSES) };
      }),
  };
}

const full = (held: string, most: number, remedy: string) =>
  new AppError('DATASET_FULL', { held, limit: String(most), remedy });

function requireClass({ classes }: Books, label: string): string {
  const zh = classes.get(label);
  if (zh !== undefined) return zh;
  const remedy = 'Add the class first, or name another one';
  throw new AppError('CLASS_NOT_FOUND', { expected: 'the label of a class of this data set', found: label, remedy });
}

function requirePicture(name: string, { pictures }: Books, id: string): PictureLine {
  const found = pictures.get(id);
  if (found) return found;
  throw new AppError('PICTURE_NOT_FOUND', { id, place: `the data set ${name}` });
}

const viewOf = (line: PictureLine): KeptPicture => ({
  id: idOf(line),
  label: line.label,
  name: line.name,
  bytes: line.bytes,
});

const bytesIn = ({ pictures }: Books) => [...pictures.values()].reduce((sum, { bytes }) => sum + bytes, 0);

const countIn = ({ pictures }: Books, label: string) =>
  [...pictures.values()].filter((one) => one.label === label).length;

function classesOf({ classes, pictures }: Books): KeptClass[] {
  const counts = new Map<string, number>();
  for (const { label } of pictures.values()) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...classes].map(([label, zh]) => ({ label, zh, pictures: counts.get(label) ?? 0 }));
}

const summaryOf = (name: string, { books, modified }: Opened): DatasetSummary => ({
  name,
  classes: books.classes.size,
  pictures: books.pictures.size,
  bytes: bytesIn(books),
  modified,
});

const mapPictures = ({ pictures }: Books, change: (one: PictureLine) => PictureLine) =>
  new Map([...pictures].map(([id, one]) => [id, change(one)]));

/** Those that it is true of, and the others. */
function parted(
  { pictures }: Books,
  isMeant: (one: PictureLine) => boolean,
): [PictureLine[], Map<string, PictureLine>] {
  const meant = [...pictures.values()].filter(isMeant);
  return [meant, new Map([...pictures].filter(([, one]) => !isMeant(one)))];
}

/** What a process that was ended has left beside the books. */
async function removeStrays(folder: string, { pictures }: Books): Promise<void> {
  const known = new Set([...pictures.values()].map(({ path: file }) => path.posix.basename(file)));
  const inside = async (name: string, isStray: (file: string) => boolean) =>
    (await readdir(path.join(folder, name)).catch(() => []))
      .filter(isStray)
      .map((file) => path.join(folder, name, file));
  const strays = [
    ...(await inside('.', (file) => /^\.(draft|receiving|small)-/.test(file))),
    ...(await inside('pictures', (file) => !known.has(file))),
    ...(await inside('thumbnails', (file) => !pictures.has(path.parse(file).name))),
  ];
  for (const stray of strays) {
    const { mtimeMs } = await stat(stray);
    if (Date.now() - mtimeMs > STRAY_MS) await rm(stray, { recursive: true, force: true });
  }
}
