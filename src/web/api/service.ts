/** What the service is, accepts and allows: asked once, for all pages. */
import { useQuery } from '@tanstack/react-query';
import { call } from './call.ts';
import type { Service } from './types.ts';

export const useService = () =>
  useQuery({
    queryKey: ['service'],
    queryFn: ({ signal }) => call<Service>('api/v1/service', { signal }),
  });
