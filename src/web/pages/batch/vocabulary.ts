/** The words for what pictures show, in the language of the page, whatever language their job was answered in. */
import type { JobItem, Labels } from '../../api/types.ts';
import type { Language } from '../../preferences/preferences.ts';
import type { Kind, RowAnswer } from './rows.ts';

type Result = NonNullable<JobItem['result']>;

export interface Vocabulary {
  /** The name of an answer; of the most probable class where it is unsure. */
  readonly answer: (answer: RowAnswer) => string;
  readonly category: (kind: Kind) => string;
  /** Of the categories of an answer the one that says most: it has the fewest classes. */
  readonly narrowest: (answer: RowAnswer) => Kind | undefined;
  /** A whole answer. */
  readonly result: (result: Result) => Result;
}

/** `labels` are those of `model`, `NAME@VERSION`. Without them, or for another model, the words are those of the answers. */
export function vocabularyOf(labels: Labels | undefined, model: string, language: Language): Vocabulary {
  const classes = new Map(labels?.classes.map((entry) => [entry.index, entry[language]]));
  const groups = new Map(labels?.groups.map((entry) => [entry.key, entry[language]]));
  const categories = new Map(labels?.categories.map((entry) => [entry.key, entry]));
  const sizeOf = ({ name }: Kind) => categories.get(name)?.members.length ?? Number.POSITIVE_INFINITY;
  const category = ({ name, label }: Kind) => categories.get(name)?.[language] ?? label;
  return {
    answer: (answer) => {
      const { level, group, label, best } = answer;
      const named = level === 'unsure' ? (best?.label ?? '') : label;
      if (answer.model !== model) return named;
      return (level === 'group' ? groups.get(group ?? '') : classes.get(best?.index ?? -1)) ?? named;
    },
    category,
    narrowest: ({ categories: [first, ...others] }) =>
      first && others.reduce((best, kind) => (sizeOf(kind) < sizeOf(best) ? kind : best), first),
    result: (result) => {
      if (`${result.model.name}@${result.model.version}` !== model) return result;
      const { answer, predictions } = result;
      const label =
        answer.level === 'group' ? groups.get(answer.group ?? '') : classes.get(predictions[0]?.index ?? Number.NaN);
      return {
        ...result,
        answer: { ...answer, label: answer.level === 'unsure' ? answer.label : (label ?? answer.label) },
        predictions: predictions.map((each) => ({ ...each, label: classes.get(each.index) ?? each.label })),
        categories: result.categories.map((each) => ({ ...each, label: category(each) })),
      };
    },
  };
}
