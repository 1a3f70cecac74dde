/** A data set and the pictures of its classes as people see them: with what has just arrived, without what was removed. */
import { type InfiniteData, type QueryClient, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { manage } from '../../api/manage.ts';
import type { Dataset, DatasetPicture, DatasetPictures } from '../../api/training-types.ts';
import { addressOfDataset, addressOfPictures } from './addresses.ts';
import { hiddenBy, onRemoved, useRemovals } from './removal.ts';
import { onArrived } from './uploads.ts';

/** Pictures in one page of a list. */
const PAGE = 200;

const keyOf = (name: string) => ['dataset', name] as const;
const keyOfPictures = (name: string, label: string) => ['pictures of a class', name, label] as const;

export function useDataset(name: string) {
  const queries = useQueryClient();
  const removals = useRemovals();
  const query = useQuery({
    queryKey: keyOf(name),
    queryFn: ({ signal }) => manage<Dataset>(addressOfDataset(name), { signal }),
  });
  useEffect(() => {
    const ends = [
      onArrived((dataset, pictures) => {
        if (dataset === name) addTo(queries, name, pictures);
      }),
      onRemoved(({ dataset, pictures }) => {
        if (dataset === name) takeFrom(queries, name, pictures);
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [queries, name]);
  const dataset = query.data && without(query.data, hiddenBy(removals, name));
  return { ...query, dataset };
}

/** Its pictures, the newest first as far as they came while the page was open. */
export function usePictures(name: string, label: string) {
  const removals = useRemovals();
  const query = useInfiniteQuery({
    queryKey: keyOfPictures(name, label),
    queryFn: ({ signal, pageParam }) =>
      manage<DatasetPictures>(addressOfPictures(name), { query: { label, after: pageParam, limit: PAGE }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const hidden = new Set(hiddenBy(removals, name).map(({ id }) => id));
  const pictures = (query.data?.pages ?? []).flatMap((page) => page.pictures).filter(({ id }) => !hidden.has(id));
  return { ...query, pictures };
}

/** Looks everything of a data set up again. */
export function refreshDataset(queries: QueryClient, name: string): Promise<unknown> {
  return Promise.all([
    queries.invalidateQueries({ queryKey: keyOf(name) }),
    queries.invalidateQueries({ queryKey: ['pictures of a class', name] }),
    queries.invalidateQueries({ queryKey: ['datasets'] }),
  ]);
}

/** Puts pictures into another class, as far as is known here. */
export function showMoved(
  queries: QueryClient,
  name: string,
  pictures: readonly DatasetPicture[],
  label: string,
): void {
  takeFrom(queries, name, pictures);
  addTo(
    queries,
    name,
    pictures.map((picture) => ({ ...picture, label })),
  );
}

function addTo(queries: QueryClient, name: string, pictures: readonly DatasetPicture[]): void {
  for (const label of new Set(pictures.map((one) => one.label))) {
    const added = pictures.filter((one) => one.label === label);
    changeCount(queries, name, label, added.length);
    changePictures(queries, name, label, (known) => {
      const ids = new Set(known.flatMap(({ pictures: some }) => some.map(({ id }) => id)));
      const fresh = added.filter(({ id }) => !ids.has(id));
      return known.map((page, at) => (at === 0 ? { ...page, pictures: [...fresh, ...page.pictures] } : page));
    });
  }
}

function takeFrom(queries: QueryClient, name: string, pictures: readonly DatasetPicture[]): void {
  const ids = new Set(pictures.map(({ id }) => id));
  for (const label of new Set(pictures.map((one) => one.label))) {
    changeCount(queries, name, label, -pictures.filter((one) => one.label === label).length);
    changePictures(queries, name, label, (known) =>
      known.map((page) => ({ ...page, pictures: page.pictures.filter(({ id }) => !ids.has(id)) })),
    );
  }
}

const changeCount = (queries: QueryClient, name: string, label: string, by: number): void =>
  void queries.setQueryData<Dataset>(
    keyOf(name),
    (known) =>
      known && {
        ...known,
        pictures: known.pictures + by,
        classes: known.classes.map((one) => (one.label === label ? { ...one, pictures: one.pictures + by } : one)),
      },
  );

const changePictures = (
  queries: QueryClient,
  name: string,
  label: string,
  next: (pages: readonly DatasetPictures[]) => DatasetPictures[],
): void =>
  void queries.setQueryData<InfiniteData<DatasetPictures>>(
    keyOfPictures(name, label),
    (known) => known && { ...known, pages: next(known.pages) },
  );

function without(dataset: Dataset, hidden: readonly DatasetPicture[]): Dataset {
  const hiddenOf = (label: string) => hidden.filter((one) => one.label === label).length;
  return {
    ...dataset,
    pictures: dataset.pictures - hidden.length,
    classes: dataset.classes.map((one) => ({ ...one, pictures: Math.max(0, one.pictures - hiddenOf(one.label)) })),
  };
}
