/** Which model answers now. */
import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/call.ts';
import type { Models } from '../../api/types.ts';

/** NAME@VERSION; undefined until it is known. */
export function useActiveModel(): string | undefined {
  const { data } = useQuery({
    queryKey: ['models'],
    queryFn: ({ signal }) => call<Models>('api/v1/models', { signal }),
  });
  const active = data?.models.find((one) => one.active);
  return active && `${active.name}@${active.version}`;
}
