/** Writes the gallery: an overview in the album's folder, and pages for its categories. */
import { open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../folders.js';
import type { Language } from '../../labels/label-set.js';
import { draftBeside, folderName, numbered } from '../names.js';
import type { PictureRecord } from '../picture-record.js';
import { GENERATOR, overviewPage, shelfPage } from './page.js';
import { type Shelf, shelvesOf } from './shelves.js';
import { galleryWords } from './words.js';

export const PAGES_FOLDER = '.kaiyan-album/pages';
/** What a telephone scrolls through without trouble. */
const PICTURES_A_PAGE = 240;

export interface GalleryOptions {
  readonly lang: Language;
  readonly title: string;
}

/** The page to open, `index.html`, or the next name if there is one of somebody else. */
export async function galleryFile(album: string): Promise<string> {
  for (let number = 1; ; number++) {
    const file = path.join(album, numbered('index.html', number));
    const handle = await open(file).catch((error: NodeJS.ErrnoException) => error);
    if (!(handle instanceof Error)) await handle.close();
    if (handle instanceof Error ? handle.code === 'ENOENT' : await isPage(file)) return file;
  }
}

/** Whether a file is a page of a gallery, and may be written anew. */
export async function isPage(file: string): Promise<boolean> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    return buffer.subarray(0, bytesRead).includes(GENERATOR);
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}

/** Pages that are as they should be are not touched. @returns the page to open */
export async function writeGallery(
  album: string,
  records: Iterable<PictureRecord>,
  { lang, title }: GalleryOptions,
): Promise<string> {
  const words = galleryWords[lang];
  const index = await galleryFile(album);
  const overview = path.basename(index);
  const shelves = withFiles(shelvesOf(records, lang, words));
  await makeFolder(path.join(album, PAGES_FOLDER));
  const wanted = new Set<string>();
  for (const shelf of shelves) {
    const of = Math.ceil(shelf.pictures.length / PICTURES_A_PAGE);
    const pageFile = (number: number) => (number === 0 ? overview : pageOf(shelf.slug, number));
    for (let number = 1; number <= of; number++) {
      const pictures = shelf.pictures.slice((number - 1) * PICTURES_A_PAGE, number * PICTURES_A_PAGE);
      const setting = { lang, words, title, folder: PAGES_FOLDER };
      const file = pageFile(number);
      wanted.add(path.basename(file));
      await write(path.join(album, file), shelfPage({ ...setting, shelf, pictures, number, of, pageFile }));
    }
  }
  await write(index, overviewPage({ lang, words, title, folder: '', shelves }));
  for (const name of await readdir(path.join(album, PAGES_FOLDER)))
    if (!wanted.has(name)) await rm(path.join(album, PAGES_FOLDER, name), { force: true });
  return index;
}

const pageOf = (slug: string, number: number) => `${PAGES_FOLDER}/${slug}${number === 1 ? '' : `-${number}`}.html`;

/** Each category's own name for its pages. */
function withFiles(shelves: readonly Shelf[]) {
  const taken = new Set<string>();
  return shelves.map((shelf) => {
    let slug = folderName(shelf.name).replaceAll(/\s+/g, '-').toLowerCase();
    // `dog-2` would be the second page of `dog`.
    while (taken.has(slug) || /-\d+$/.test(slug)) slug += '_';
    taken.add(slug);
    return { ...shelf, slug, file: pageOf(slug, 1) };
  });
}

async function write(file: string, html: string): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === html) return;
  const draft = draftBeside(file);
  await writeFile(draft, html);
  await rename(draft, file);
}
