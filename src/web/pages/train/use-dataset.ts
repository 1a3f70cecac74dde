/** A data set and the pictures of its classes as people see them: with what has just arrived, without what was removed. */
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { refusedWith } from '../../api/call.ts';
import { manage } from '../../api/manage.ts';
import type { Dataset, DatasetPicture, DatasetPictures } from '../../api/training-types.ts';
import { addressOfDataset, addressOfPictures } from './addresses.ts';
import { hiddenBy, onRemoved, useRemovals } from './removal.ts';
import { onArrived, useUploads } from './uploads.ts';

/** Pictures in one page of a list. */
const PAGE = 1000;
/** After so long without a picture no more are expected. */
const SETTLED_MS = 1000;

const keyOf = (name: string) => ['dataset', name] as const;
const keyOfAllPictures = (name: string) => ['pictures of a class', name] as const;
const keyOfPictures = (name: string, label: string) => [...keyOfAllPictures(name), label] as const;

export function useDataset(name: string) {
  const removals = useRemovals();
  const query = useQuery({
    queryKey: keyOf(name),
    queryFn: ({ signal }) => manage<Dataset>(addressOfDataset(name), { signal }),
  });
  const dataset = query.data && without(query.data, hiddenBy(removals, name));
  return { ...query, dataset };
}

/** Keeps what is known of a data set up with what arrives and what is removed; once on a page. */
export function useKeepUp(name: string): void {
  const queries = useQueryClient();
  useEffect(() => {
    const ends = [
      onArrived((dataset, pictures) => {
        if (dataset === name) addTo(queries, name, pictures);
      }),
      onRemoved(({ dataset, pictures }) => {
        if (dataset !== name) return;
        takeFrom(queries, name, pictures);
        const ids = new Set(pictures.map(({ id }) => id));
        changeList(queries, keyOfAllPictures(name), (known) => known.filter(({ id }) => !ids.has(id)));
        // What was looked up meanwhile may lack some of them already.
        void refreshDataset(queries, name);
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [queries, name]);
  useRefreshWhenSent(name);
}

/** What was looked up while pictures arrived may lack some of them. */
function useRefreshWhenSent(name: string): void {
  const queries = useQueryClient();
  const { left } = useUploads();
  const isSending = left.some(({ dataset }) => dataset === name);
  const wasSending = useRef(false);
  useEffect(() => {
    wasSending.current ||= isSending;
    if (isSending || !wasSending.current) return;
    // A camera sends one after the other.
    const timer = setTimeout(() => {
      wasSending.current = false;
      void refreshDataset(queries, name);
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [queries, name, isSending]);
}

/** The pictures of a class, the newest first. */
export function usePictures(name: string, label: string, isWanted: boolean) {
  const removals = useRemovals();
  const query = useQuery({
    queryKey: keyOfPictures(name, label),
    queryFn: ({ signal }) => allPictures(name, label, signal),
    enabled: isWanted,
  });
  const hidden = new Set(hiddenBy(removals, name).map(({ id }) => id));
  return { ...query, pictures: (query.data ?? []).filter(({ id }) => !hidden.has(id)) };
}

/**
 * All of its pictures, by their ids: of single ones the service tells no class. None where it is gone, undefined while
 * they are not known.
 */
export function useAllPictures(name: string, isWanted: boolean) {
  const removals = useRemovals();
  const { data, error, refetch } = useQuery({
    queryKey: keyOfAllPictures(name),
    queryFn: ({ signal }) => allPictures(name, undefined, signal),
    enabled: isWanted,
  });
  const isGone = refusedWith(error)?.status === 404;
  const known = isGone ? [] : data;
  const pictures = known && new Map(known.map((one) => [one.id, one]));
  for (const { id } of hiddenBy(removals, name)) pictures?.delete(id);
  return { pictures, error: isGone ? null : error, refetch };
}

/** A line of a list is small, and with all of them at hand nothing jumps while people scroll and choose. */
async function allPictures(
  name: string,
  label: string | undefined,
  signal: AbortSignal,
): Promise<readonly DatasetPicture[]> {
  const pictures: DatasetPicture[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page: DatasetPictures = await manage<DatasetPictures>(addressOfPictures(name), {
      query: { label, after, limit: PAGE },
      signal,
    });
    pictures.push(...page.pictures);
    after = page.next;
  }
  return pictures.reverse();
}

/** Looks everything of a data set up again. */
export function refreshDataset(queries: QueryClient, name: string): Promise<unknown> {
  return Promise.all([
    queries.invalidateQueries({ queryKey: keyOf(name) }),
    queries.invalidateQueries({ queryKey: keyOfAllPictures(name) }),
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
    const ids = new Set(added.map(({ id }) => id));
    changeCount(queries, name, label, added.length);
    changeList(queries, keyOfPictures(name, label), (known) => [
      ...added.toReversed(),
      ...known.filter(({ id }) => !ids.has(id)),
    ]);
  }
}

function takeFrom(queries: QueryClient, name: string, pictures: readonly DatasetPicture[]): void {
  const ids = new Set(pictures.map(({ id }) => id));
  for (const label of new Set(pictures.map((one) => one.label))) {
    changeCount(queries, name, label, -pictures.filter((one) => one.label === label).length);
    changeList(queries, keyOfPictures(name, label), (known) => known.filter(({ id }) => !ids.has(id)));
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

const changeList = (
  queries: QueryClient,
  queryKey: readonly string[],
  next: (known: readonly DatasetPicture[]) => readonly DatasetPicture[],
): void => void queries.setQueryData<readonly DatasetPicture[]>(queryKey, (known) => known && next(known));

function without(dataset: Dataset, hidden: readonly DatasetPicture[]): Dataset {
  const hiddenOf = (label: string) => hidden.filter((one) => one.label === label).length;
  return {
    ...dataset,
    pictures: dataset.pictures - hidden.length,
    classes: dataset.classes.map((one) => ({ ...one, pictures: Math.max(0, one.pictures - hiddenOf(one.label)) })),
  };
}
