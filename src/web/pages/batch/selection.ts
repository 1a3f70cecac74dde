/** What was chosen to be sent: sorted by what it is, as far as its name says, and put into requests. */

import type { Chosen } from '../../pictures/chosen-files.ts';
import { isHidden, isPictureName } from '../../pictures/formats.ts';

export interface Selection {
  readonly pictures: readonly Chosen[];
  /** Each becomes a job of its own. */
  readonly archives: readonly Chosen[];
  /** Names of what is not sent. */
  readonly leftOut: readonly string[];
}

export const NOTHING: Selection = { pictures: [], archives: [], leftOut: [] };

const ARCHIVE = /\.(zip|tar|tgz|tar\.gz)$/i;

type Kind = 'picture' | 'archive' | 'other';

export function kindOf(name: string): Kind {
  if (isHidden(name)) return 'other';
  if (isPictureName(name)) return 'picture';
  return ARCHIVE.test(name) ? 'archive' : 'other';
}

/** Adds files, each once however often it was chosen. */
export function addTo(selection: Selection, files: readonly Chosen[]): Selection {
  const known = new Set([...selection.pictures, ...selection.archives].map(markOf));
  const leftOut = new Set(selection.leftOut);
  const added: Record<Kind, Chosen[]> = { picture: [], archive: [], other: [] };
  for (const chosen of files) {
    const mark = markOf(chosen);
    if (known.has(mark)) continue;
    known.add(mark);
    added[kindOf(chosen.name)].push(chosen);
  }
  for (const { name } of added.other) leftOut.add(name);
  // Folders come in the order of the disk.
  added.picture.sort((one, other) => BY_NAME.compare(one.name, other.name));
  return {
    pictures: [...selection.pictures, ...added.picture],
    archives: [...selection.archives, ...added.archive],
    leftOut: [...leftOut],
  };
}

const BY_NAME = new Intl.Collator(undefined, { numeric: true });

const markOf = ({ name, file }: Chosen): string => `${name}\n${file.size}\n${file.lastModified}`;

export const isEmpty = ({ pictures, archives }: Selection): boolean => pictures.length + archives.length === 0;

export const bytesIn = ({ pictures, archives }: Selection): number =>
  [...pictures, ...archives].reduce((sum, { file }) => sum + file.size, 0);

/** The outermost folders that the pictures are from. */
export function foldersIn({ pictures }: Selection): string[] {
  const folders = pictures.map(({ name }) => name.slice(0, Math.max(name.indexOf('/'), 0)));
  return [...new Set(folders)].filter((folder) => folder !== '');
}

/** One request, which becomes one job. */
export interface Part {
  readonly bytes: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: () => FormData | Blob;
}

/** What one request may have. */
export interface Limits {
  readonly jobPictures: number;
  readonly jobBytes: number;
}

const NO_LIMITS: Limits = { jobPictures: Number.POSITIVE_INFINITY, jobBytes: Number.POSITIVE_INFINITY };
/** A form has more than its files: what stands before each, and their names. */
const bytesInForm = ({ name, file }: Chosen): number => file.size + 3 * name.length + 300;

/** The pictures in as few forms as the service takes, and each archive as it is. */
export function partsOf({ pictures, archives }: Selection, limits = NO_LIMITS): Part[] {
  const forms: Chosen[][] = [];
  let room = 0;
  for (const picture of pictures) {
    const form = forms.at(-1);
    const bytes = bytesInForm(picture);
    if (form && form.length < limits.jobPictures && bytes <= room) form.push(picture);
    else {
      forms.push([picture]);
      room = limits.jobBytes;
    }
    room -= bytes;
  }
  return [...forms.map(formPart), ...archives.map(archivePart)];
}

const formPart = (pictures: readonly Chosen[]): Part => ({
  bytes: pictures.reduce((sum, { file }) => sum + file.size, 0),
  headers: {},
  body: () => {
    const form = new FormData();
    for (const { name, file } of pictures) form.append('image', file, name);
    return form;
  },
});

const archivePart = ({ name, file }: Chosen): Part => ({
  bytes: file.size,
  headers: { 'Content-Type': archiveType(name) },
  body: () => file,
});

function archiveType(name: string): string {
  if (/\.zip$/i.test(name)) return 'application/zip';
  return /gz$/i.test(name) ? 'application/gzip' : 'application/x-tar';
}
