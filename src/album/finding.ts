/** What an album keeps of an answer: its label, its categories, and what follows for folders and keywords. */
import type { Classification } from '../classification/classification.js';
import { className, type LabelGroup, type LabelSet, type Language } from '../labels/label-set.js';
import type { Names, PictureRecord } from './picture-record.js';

export type Finding = Pick<PictureRecord, 'label' | 'probability' | 'category' | 'categories'>;

/**
 * The album's categories overlap (a dog is an animal, and a pet), so a picture goes to the one with the fewest classes among
 * those that reach the threshold, as in the honest answer.
 */
export function findingOf(
  { answer, predictions, categories }: Pick<Classification, 'answer' | 'predictions' | 'categories'>,
  labels: LabelSet,
  threshold: number,
): Finding {
  const sure = categories
    .filter(({ probability }) => probability >= threshold)
    .flatMap(({ name }) => labels.categories.filter(({ key }) => key === name));
  const narrowest = sure.reduce<LabelGroup | undefined>(
    (best, category) => (best && best.members.length <= category.members.length ? best : category),
    undefined,
  );
  return {
    label: labelOf(answer, predictions[0]?.index, labels),
    probability: answer.probability,
    category: narrowest ? namesOf(narrowest) : null,
    categories: sure.map(namesOf),
  };
}

function labelOf({ level, group }: Classification['answer'], best: number | undefined, labels: LabelSet): Names | null {
  if (level === 'class' && best !== undefined)
    return { en: className(labels, best, 'en'), zh: className(labels, best, 'zh') };
  const found = level === 'group' ? labels.groups.find(({ key }) => key === group) : undefined;
  return found ? namesOf(found) : null;
}

const namesOf = ({ en, zh }: Names): Names => ({ en, zh });

/** What a picture's sidecar says: its categories from the broadest on, and its label; nothing when the answer is unsure. */
export function keywordsOf({ label, categories }: Finding, language: Language): string[] {
  if (!label) return [];
  return [...new Set([...categories, label].map((names) => names[language].trim()))].filter((word) => word !== '');
}
