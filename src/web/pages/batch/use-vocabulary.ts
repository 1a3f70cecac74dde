/** The words of the model that answered, in the language of the page. */
import { useMemo } from 'react';
import { useLabels } from '../../api/models.ts';
import type { Language } from '../../preferences/preferences.ts';
import type { Row } from './rows.ts';
import { type Vocabulary, vocabularyOf } from './vocabulary.ts';

/** Of the first picture that was answered; one that is no longer installed has the words of its answers. */
export function useVocabulary(rows: readonly Row[], language: Language): Vocabulary {
  const model = rows.find(({ answer }) => answer)?.answer?.model;
  const { data } = useLabels(model);
  return useMemo(() => vocabularyOf(data, model ?? '', language), [data, model, language]);
}
