/** Which models there are, what each is and which words it has: asked once, for all pages. */
import { useQuery } from '@tanstack/react-query';
import { usePreferences } from '../preferences/preferences.ts';
import { call } from './call.ts';
import type { Labels, Model, Models } from './types.ts';

/** Nothing of a version changes, so what was asked of it is kept. */
const KEPT = { staleTime: Number.POSITIVE_INFINITY } as const;

/** Those that are installed, and which of them answers. */
export const useModels = () =>
  useQuery({
    queryKey: ['models'],
    queryFn: ({ signal }) => call<Models>('api/v1/models', { signal }),
  });

/** One of them, by `NAME@VERSION`; nothing is asked while there is none. */
export function useModel(reference: string | undefined) {
  const { key } = usePreferences();
  return useQuery({
    queryKey: ['model', reference, key],
    queryFn: ({ signal }) => call<Model>(`api/v1/models/${encodeURIComponent(String(reference))}`, { signal }),
    enabled: reference !== undefined,
    ...KEPT,
  });
}

/** All its classes, in both languages; nothing is asked while there is no model. */
export function useLabels(model: string | undefined) {
  const { key } = usePreferences();
  return useQuery({
    queryKey: ['labels', model, key],
    queryFn: ({ signal }) => call<Labels>('api/v1/labels', { query: { model }, signal }),
    enabled: model !== undefined,
    ...KEPT,
  });
}
