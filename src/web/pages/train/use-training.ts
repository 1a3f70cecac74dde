/** A training as it is by now, followed until it has ended. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { followEvents } from '../../api/events.ts';
import { manage } from '../../api/manage.ts';
import type { Training } from '../../api/training-types.ts';
import { addressOfTraining } from './addresses.ts';
import { afterEvent, hasEnded } from './training-state.ts';

export interface FollowedTraining {
  readonly training: Training | undefined;
  /** The line is cut, and tried again. */
  readonly isLost: boolean;
  /** Why it cannot be followed; null while it can. */
  readonly error: unknown;
}

const NOTHING: FollowedTraining = { training: undefined, isLost: false, error: null };

export function useTraining(id: string): FollowedTraining & { readonly restart: () => void } {
  const queries = useQueryClient();
  const [followed, setFollowed] = useState(NOTHING);
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a further attempt begins anew
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const show = (change: Partial<FollowedTraining>) => setFollowed((known) => ({ ...known, ...change }));
    const follow = async () => {
      const training = await manage<Training>(addressOfTraining(id), { signal });
      show({ training, error: null, isLost: false });
      if (hasEnded(training)) return;
      await followEvents(`${addressOfTraining(id)}/events`, {
        lastEventId: '',
        manages: true,
        signal,
        isLast: ({ type }) => type === 'end',
        onLine: (isOpen) => show({ isLost: !isOpen }),
        onEvent: (event) =>
          setFollowed((known) => ({ ...known, training: afterEvent(known.training, event) ?? known.training })),
      });
      // There is a new model, and one training less under way.
      await queries.invalidateQueries({ queryKey: ['models'] });
      await queries.invalidateQueries({ queryKey: ['trainings'] });
    };
    follow().catch((error: unknown) => {
      if (!signal.aborted) show({ error, isLost: false });
    });
    return () => ending.abort();
  }, [id, attempt, queries]);
  const restart = useCallback(() => setAttempt((count) => count + 1), []);
  return { ...followed, restart };
}
