/** Which of a job's pictures are shown, in which order, and in which groups. */
import type { Job } from '../../api/types.ts';
import type { Row } from './rows.ts';
import type { Vocabulary } from './vocabulary.ts';

/** `unsure` are answered too. */
export type Shown = 'all' | 'answered' | 'unsure' | 'failed' | 'waiting' | 'canceled';
export const SHOWN: readonly Shown[] = ['all', 'answered', 'unsure', 'failed', 'waiting', 'canceled'];

export interface Filter {
  /** In the name or the answer. */
  readonly text: string;
  readonly shown: Shown;
  /** Key of a category; empty for all. */
  readonly category: string;
  /** Name of a flag; empty for all. */
  readonly flag: string;
}

export const NO_FILTER: Filter = { text: '', shown: 'all', category: '', flag: '' };
export const filters = ({ text, shown, category, flag }: Filter): boolean =>
  text.trim() !== '' || shown !== 'all' || category !== '' || flag !== '';

const isUnsure = ({ answer }: Row): boolean => answer?.level === 'unsure';
const isShown = (row: Row, shown: Shown): boolean =>
  shown === 'all' || (shown === 'unsure' ? isUnsure(row) : row.state === shown);

export function filtered(
  rows: readonly Row[],
  { text, shown, category, flag }: Filter,
  vocabulary: Vocabulary,
): readonly Row[] {
  const wanted = text.trim().toLowerCase();
  const has = (words: string) => words.toLowerCase().includes(wanted);
  return rows.filter(
    (row) =>
      isShown(row, shown) &&
      (category === '' || row.answer?.categories.some(({ name }) => name === category)) &&
      (flag === '' || row.answer?.flags.includes(flag)) &&
      (wanted === '' || has(row.name) || (row.answer !== null && has(vocabulary.answer(row.answer)))),
  );
}

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly count: number;
}

export interface Choices {
  readonly shown: Readonly<Record<Shown, number>>;
  /** The largest first. */
  readonly categories: readonly Choice[];
  readonly flags: readonly Choice[];
}

/** What there is to choose from, each with its number of pictures. */
export function choicesIn(rows: readonly Row[], vocabulary: Vocabulary): Choices {
  const shown = Object.fromEntries(SHOWN.map((each) => [each, 0])) as Record<Shown, number>;
  const categories = new Map<string, Choice>();
  const flags = new Map<string, Choice>();
  const count = (choices: Map<string, Choice>, value: string, label: () => string) => {
    const known = choices.get(value);
    choices.set(value, known ? { ...known, count: known.count + 1 } : { value, label: label(), count: 1 });
  };
  for (const row of rows) {
    shown.all += 1;
    shown[row.state] += 1;
    if (isUnsure(row)) shown.unsure += 1;
    for (const kind of row.answer?.categories ?? []) count(categories, kind.name, () => vocabulary.category(kind));
    for (const flag of row.answer?.flags ?? []) count(flags, flag, () => flag);
  }
  const largestFirst = (choices: Map<string, Choice>) =>
    [...choices.values()].sort((one, other) => other.count - one.count || one.label.localeCompare(other.label));
  return { shown, categories: largestFirst(categories), flags: largestFirst(flags) };
}

/** How far a job is as its pictures have it, which come sooner than what is told of the job; by the latter until all are here. */
export function countsIn(
  told: Job['counts'],
  { all, answered, failed, waiting, canceled }: Choices['shown'],
): Job['counts'] {
  return all === told.total ? { total: all, answered, failed, waiting, canceled } : told;
}

export type Column = 'name' | 'answer' | 'probability' | 'category' | 'flags' | 'state';

export interface Sort {
  readonly column: Column;
  readonly descending: boolean;
}

/** By a column; what has nothing there comes last in both directions, and equals stay in the order of the job. */
export function sorted(
  rows: readonly Row[],
  sort: Sort | null,
  vocabulary: Vocabulary,
  collator: Intl.Collator,
): readonly Row[] {
  if (!sort) return rows;
  const { column, descending } = sort;
  const direction = descending ? -1 : 1;
  return rows
    .map((row) => ({ row, value: cell(row, column, vocabulary) }))
    .sort(({ row: one, value: a }, { row: other, value: b }) => {
      if (a === null || b === null) return Number(a === null) - Number(b === null) || one.item - other.item;
      const order = typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
      return direction * order || one.item - other.item;
    })
    .map(({ row }) => row);
}

const STATES = ['waiting', 'answered', 'failed', 'canceled'];

function cell({ name, state, answer }: Row, column: Column, vocabulary: Vocabulary): string | number | null {
  if (column === 'name') return name;
  if (column === 'state') return STATES.indexOf(state);
  if (!answer) return null;
  if (column === 'probability') return answer.probability;
  if (column === 'flags') return answer.flags.join(' ') || null;
  // What is unsure has no answer to sort by.
  if (column === 'answer') return answer.level === 'unsure' ? null : vocabulary.answer(answer);
  const kind = vocabulary.narrowest(answer);
  return kind ? vocabulary.category(kind) : null;
}

export interface Group {
  /** `category KEY`, `other`, `unsure` or `failed`. */
  readonly key: string;
  /** Empty for those that are no category. */
  readonly label: string;
  readonly rows: readonly Row[];
}

const LAST = ['other', 'unsure', 'failed'];

/** By category, the largest first; then what is in none, what is not sure, and what failed. What has no outcome is in none. */
export function grouped(rows: readonly Row[], vocabulary: Vocabulary): Group[] {
  const groups = new Map<string, { key: string; label: string; rows: Row[] }>();
  for (const row of rows) {
    const place = placeOf(row, vocabulary);
    if (!place) continue;
    const group = groups.get(place.key) ?? { ...place, rows: [] };
    group.rows.push(row);
    groups.set(place.key, group);
  }
  return [...groups.values()].sort(
    (one, other) => LAST.indexOf(one.key) - LAST.indexOf(other.key) || other.rows.length - one.rows.length,
  );
}

function placeOf(row: Row, vocabulary: Vocabulary): Pick<Group, 'key' | 'label'> | undefined {
  if (row.state === 'failed') return { key: 'failed', label: '' };
  if (!row.answer) return undefined;
  if (isUnsure(row)) return { key: 'unsure', label: '' };
  const kind = vocabulary.narrowest(row.answer);
  return kind ? { key: `category ${kind.name}`, label: vocabulary.category(kind) } : { key: 'other', label: '' };
}

/** What a wall shows from top to bottom: the heading of a group, then its pictures, so many in a line. */
export type WallLine =
  | { readonly kind: 'heading'; readonly group: Group }
  | { readonly kind: 'pictures'; readonly group: Group; readonly rows: readonly Row[] };

export function wallLines(groups: readonly Group[], columns: number): WallLine[] {
  return groups.flatMap((group) => {
    const lines: WallLine[] = [{ kind: 'heading', group }];
    for (let from = 0; from < group.rows.length; from += columns)
      lines.push({ kind: 'pictures', group, rows: group.rows.slice(from, from + columns) });
    return lines;
  });
}
