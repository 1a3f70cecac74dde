/** What a model's outputs are called, and which of them belong together. */

export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** WordNet id (null for classes that are not WordNet's), English name, Chinese name. */
export type ClassNames = readonly [wnid: string | null, en: string, zh: string];

/** A category or a group as it is written down: `classes` is a list like `0-6 389-397`. */
export interface NamedSet {
  readonly key: string;
  readonly en: string;
  readonly zh: string;
  readonly classes: string;
}

/** A category or a group, with its classes as ascending indices. */
export interface LabelGroup {
  readonly key: string;
  readonly en: string;
  readonly zh: string;
  readonly members: readonly number[];
}

export interface LabelSet {
  readonly name: string;
  readonly classes: readonly ClassNames[];
  /** What a picture shows, for albums and content checks; they overlap. */
  readonly categories: readonly LabelGroup[];
  /** Everyday words for several classes together, from the smallest to the largest: what is still sure when no single class is. */
  readonly groups: readonly LabelGroup[];
}

/** Labels from their written form. */
export function createLabelSet(
  name: string,
  classes: readonly ClassNames[],
  categories: readonly NamedSet[] = [],
  groups: readonly NamedSet[] = [],
): LabelSet {
  const bySize = (a: LabelGroup, b: LabelGroup) => a.members.length - b.members.length;
  return { name, classes, categories: categories.map(readSet), groups: groups.map(readSet).sort(bySize) };
}

function readSet({ classes, ...names }: NamedSet): LabelGroup {
  return { ...names, members: classes.split(' ').flatMap(readRange) };
}

function readRange(range: string): number[] {
  const [first, last = first] = range.split('-').map(Number) as [number, number?];
  return Array.from({ length: (last as number) - first + 1 }, (_, i) => first + i);
}

/** The name of class `index` in a language. */
export function className(labels: LabelSet, index: number, language: Language): string {
  const [, en, zh] = labels.classes[index] as ClassNames;
  return language === 'zh' ? zh : en;
}
