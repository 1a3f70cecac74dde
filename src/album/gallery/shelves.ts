/** The pictures of a gallery in their order: by category, by label, the surest first. */
import type { Language } from '../../labels/label-set.js';
import type { Names, PictureRecord } from '../picture-record.js';
import type { Words } from './words.js';

export interface Shelf {
  readonly name: string;
  /** Whether this is what no category was sure enough for. */
  readonly isUnsure: boolean;
  /** In order: label after label, and in each the most probable first. */
  readonly pictures: readonly PictureRecord[];
}

/** The largest category first; what is unsure comes last. */
export function shelvesOf(records: Iterable<PictureRecord>, lang: Language, words: Words): Shelf[] {
  const { compare } = new Intl.Collator(lang);
  const shelves = new Map<string, PictureRecord[]>();
  const unsure: PictureRecord[] = [];
  const shown = new Set<string>();
  for (const record of records) {
    // Of two originals with the same content there may be one in the album.
    const where = whereIs(record);
    if (shown.has(where)) continue;
    shown.add(where);
    const name = categoryOf(record, lang, words);
    if (name === undefined) unsure.push(record);
    else if (!shelves.get(name)?.push(record)) shelves.set(name, [record]);
  }
  const sorted = [...shelves]
    .map(([name, pictures]) => ({ name, isUnsure: false, pictures: inOrder(pictures, lang, words) }))
    .sort((a, b) => b.pictures.length - a.pictures.length || compare(a.name, b.name));
  if (unsure.length === 0) return sorted;
  return [...sorted, { name: words.unsure, isUnsure: true, pictures: inOrder(unsure, lang, words) }];
}

/** The picture to show, seen from the album's folder. */
export const whereIs = ({ file, place }: PictureRecord): string => place?.to ?? file;

function categoryOf({ category, label }: PictureRecord, lang: Language, words: Words): string | undefined {
  if (category) return category[lang];
  return label ? words.other : undefined;
}

export const labelIn = (label: Names | null, lang: Language, words: Words): string => label?.[lang] ?? words.unsure;

function inOrder(pictures: PictureRecord[], lang: Language, words: Words): PictureRecord[] {
  const { compare } = new Intl.Collator(lang, { numeric: true });
  const counts = new Map<string, number>();
  const labelOf = ({ label }: PictureRecord) => labelIn(label, lang, words);
  for (const picture of pictures) counts.set(labelOf(picture), (counts.get(labelOf(picture)) ?? 0) + 1);
  const rank = (picture: PictureRecord) => (picture.label ? (counts.get(labelOf(picture)) as number) : 0);
  return pictures.sort(
    (a, b) =>
      rank(b) - rank(a) || compare(labelOf(a), labelOf(b)) || b.probability - a.probability || compare(a.file, b.file),
  );
}
