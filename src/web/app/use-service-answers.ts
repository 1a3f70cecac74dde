/** Whether the service answers: looked up when the browser says that the network has changed, and now and then while it does not. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

const AGAIN_MS = 5000;

export function useServiceAnswers(): boolean {
  const queries = useQueryClient();
  const { data = true } = useQuery({
    queryKey: ['answers'],
    queryFn: ({ signal }) =>
      fetch('health', { signal }).then(
        () => true,
        () => signal.aborted,
      ),
    refetchInterval: ({ state }) => (state.data === false ? AGAIN_MS : false),
    refetchOnWindowFocus: true,
  });
  useEffect(() => {
    const ending = new AbortController();
    const look = () => void queries.invalidateQueries({ queryKey: ['answers'] });
    for (const change of ['online', 'offline']) window.addEventListener(change, look, { signal: ending.signal });
    return () => ending.abort();
  }, [queries]);
  return data;
}
