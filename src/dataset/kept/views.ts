/** What the books of a data set say, and how they change. */
import { AppError } from '../../errors.js';
import { type Books, idOf, type PictureLine } from './books.js';
import type { Opened } from './shelf.js';

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

/** Its Chinese name. @throws AppError CLASS_NOT_FOUND */
export function requireClass({ classes }: Books, label: string): string {
  const zh = classes.get(label);
  if (zh !== undefined) return zh;
  const remedy = 'Add the class first, or name another one';
  throw new AppError('CLASS_NOT_FOUND', { expected: 'the label of a class of this data set', found: label, remedy });
}

/** @throws AppError PICTURE_NOT_FOUND */
export function requirePicture(name: string, { pictures }: Books, id: string): PictureLine {
  const found = pictures.get(id);
  if (found) return found;
  throw new AppError('PICTURE_NOT_FOUND', { id, place: `the data set ${name}` });
}

export const viewOf = (picture: PictureLine): KeptPicture => ({
  id: idOf(picture),
  label: picture.label,
  name: picture.name,
  bytes: picture.bytes,
});

export const bytesIn = ({ pictures }: Books): number =>
  [...pictures.values()].reduce((sum, { bytes }) => sum + bytes, 0);

export function classesOf({ classes, pictures }: Books): KeptClass[] {
  const counts = new Map<string, number>();
  for (const { label } of pictures.values()) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...classes].map(([label, zh]) => ({ label, zh, pictures: counts.get(label) ?? 0 }));
}

export const summaryOf = (name: string, { books, modified }: Opened): DatasetSummary => ({
  name,
  classes: books.classes.size,
  pictures: books.pictures.size,
  bytes: bytesIn(books),
  modified,
});

export const mapPictures = ({ pictures }: Books, change: (one: PictureLine) => PictureLine): Books['pictures'] =>
  new Map([...pictures].map(([id, one]) => [id, change(one)]));

/** Those that are meant, and the others. */
export function parted(
  { pictures }: Books,
  isMeant: (one: PictureLine) => boolean,
): [PictureLine[], Books['pictures']] {
  const all = [...pictures];
  return [all.map(([, one]) => one).filter(isMeant), new Map(all.filter(([, one]) => !isMeant(one)))];
}
