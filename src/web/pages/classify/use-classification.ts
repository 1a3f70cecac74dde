/** The answer for a picture, asked for once for each language, top k, threshold and key. */
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { classify } from '../../api/classify.ts';
import type { Classification } from '../../api/types.ts';
import type { Picture } from '../../pictures/collection.ts';
import { usePreferences } from '../../preferences/preferences.ts';

export function useClassification({ id, file }: Picture): UseQueryResult<Classification> {
  const { language, top, threshold, key } = usePreferences();
  return useQuery({
    queryKey: ['classification', id, language, top, threshold, key],
    queryFn: ({ signal }) => classify(file, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    // The words of the other language stay until those of this one are there.
    placeholderData: (known, query) => (query?.queryKey[1] === id ? known : undefined),
  });
}
