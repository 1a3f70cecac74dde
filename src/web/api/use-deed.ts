/** What people have the service do: once, however fast they click. */
import { hashKey, type UseMutationOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';

/**
 * A mutation that is not begun again with the same variables while it is under way. A button knows of that only once it is
 * drawn anew, which is after the second click of a double click.
 */
export function useDeed<Answer, Variables = void>(options: UseMutationOptions<Answer, Error, Variables>) {
  const queries = useQueryClient();
  const mutationKey = [useId()];
  const mutation = useMutation({ ...options, mutationKey });
  const isUnderWay = (variables: unknown) =>
    queries.getMutationCache().find({
      ...{ mutationKey, status: 'pending' },
      predicate: ({ state }) => hashKey([state.variables]) === hashKey([variables]),
    }) !== undefined;
  const mutate: typeof mutation.mutate = (...given) => {
    if (!isUnderWay(given[0])) mutation.mutate(...given);
  };
  return { ...mutation, mutate };
}
