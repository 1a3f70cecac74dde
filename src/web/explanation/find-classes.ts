/** Finds classes by what people type. */
import type { Labels } from '../api/types.ts';

export type LabelledClass = Labels['classes'][number];

/** At most `most`, those whose name, or a word of it, begins so first; in either language. */
export function findClasses(classes: readonly LabelledClass[], typed: string, most: number): LabelledClass[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return [];
  const ranked = classes.map((one) => ({ one, rank: Math.min(rankOf(one.en, wanted), rankOf(one.zh, wanted)) }));
  return ranked
    .filter(({ rank }) => rank < NO_MATCH)
    .toSorted((a, b) => a.rank - b.rank || a.one.index - b.one.index)
    .slice(0, most)
    .map(({ one }) => one);
}

const NO_MATCH = 4;

function rankOf(name: string, wanted: string): number {
  const lower = name.toLowerCase();
  if (lower === wanted) return 0;
  if (lower.startsWith(wanted)) return 1;
  if (lower.split(/[\s-]+/).some((word) => word.startsWith(wanted))) return 2;
  return lower.includes(wanted) ? 3 : NO_MATCH;
}
