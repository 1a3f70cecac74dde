/**
 * Whether the service answers. It is looked up at the start, when the network has changed, and when a call got no answer;
 * then now and then until it does, and what had no answer is asked again.
 */
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { CallError } from '../api/call.ts';

const AGAIN_MS = 5000;
const PATIENCE_MS = 4000;
const ANSWERS = ['answers'];

export function useServiceAnswers(): boolean {
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: ANSWERS,
    queryFn: async ({ signal }) => {
      const answers = await doesAnswer(signal);
      if (answers && queries.getQueryData(ANSWERS) === false) askAgain(queries);
      return answers;
    },
    // Without it a change of the network would wait for the first look, which may have been before it.
    initialData: true,
    refetchInterval: ({ state }) => (state.data === false ? AGAIN_MS : false),
    refetchOnWindowFocus: true,
  });
  useEffect(() => {
    const ending = new AbortController();
    const look = () => lookWhetherItAnswers(queries);
    for (const change of ['online', 'offline']) window.addEventListener(change, look, { signal: ending.signal });
    return () => ending.abort();
  }, [queries]);
  return data;
}

export const lookWhetherItAnswers = (queries: QueryClient): void =>
  void queries.invalidateQueries({ queryKey: ANSWERS });

export const isSilent = (error: unknown): boolean => error instanceof CallError && error.problem.kind === 'silent';

async function doesAnswer(signal: AbortSignal): Promise<boolean> {
  try {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const { status } = await fetch('health', { signal: AbortSignal.any([signal, patience]) });
    // A proxy before it says that it does not.
    return status !== 502 && status !== 504;
  } catch {
    // Nobody wants to know any more.
    return signal.aborted;
  }
}

const askAgain = (queries: QueryClient): void =>
  void queries.refetchQueries({ type: 'active', predicate: ({ state }) => isSilent(state.error) });
