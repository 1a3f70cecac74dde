/** Which models there are, what each is and which words it has: asked once, for all pages. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { usePreferences } from '../preferences/preferences.ts';
import { call } from './call.ts';
import type { Labels, Model, Models } from './types.ts';

/** Those that are installed, and which of them answers. */
export const useModels = () =>
  useQuery({
    queryKey: ['models'],
    queryFn: ({ signal }) => call<Models>('api/v1/models', { signal }),
  });

/** One of them, by `NAME@VERSION`, to which another precision may come. */
export const descriptionOf = (reference: string | undefined, key: string) =>
  queryOptions({
    queryKey: ['model', reference, key],
    queryFn: ({ signal }) => call<Model>(`api/v1/models/${encodeURIComponent(String(reference))}`, { signal }),
  });

/** The same; nothing is asked while there is none. */
export function useModel(reference: string | undefined, { staleTime = 0 } = {}) {
  const { key } = usePreferences();
  return useQuery({ ...descriptionOf(reference, key), enabled: reference !== undefined, staleTime });
}

/** All its classes, in both languages; nothing is asked while there is no model. */
export function useLabels(model: string | undefined) {
  const { key } = usePreferences();
  return useQuery({
    queryKey: ['labels', model, key],
    queryFn: ({ signal }) => call<Labels>('api/v1/labels', { query: { model }, signal }),
    enabled: model !== undefined,
    // Those of a version never change; a bare name is that of the highest one.
    staleTime: model?.includes('@') ? Number.POSITIVE_INFINITY : 0,
  });
}
