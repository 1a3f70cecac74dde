/** The words of the model that answered, in the language of the page. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call } from '../../api/call.ts';
import type { Labels } from '../../api/types.ts';
import type { Language } from '../../preferences/preferences.ts';
import type { Row } from './rows.ts';
import { type Vocabulary, vocabularyOf } from './vocabulary.ts';

/** Of the first picture that was answered; one that is no longer installed has the words of its answers. */
export function useVocabulary(rows: readonly Row[], language: Language): Vocabulary {
  const model = rows.find(({ answer }) => answer)?.answer?.model ?? '';
  const { data } = useQuery({
    queryKey: ['labels', model],
    queryFn: ({ signal }) => call<Labels>('api/v1/labels', { query: { model }, signal }),
    enabled: model !== '',
    staleTime: Number.POSITIVE_INFINITY,
  });
  return useMemo(() => vocabularyOf(data, model, language), [data, model, language]);
}
