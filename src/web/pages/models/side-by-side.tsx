/** All pictures with what each model says of them, those first where the models disagree, and what comes out of it. */
import { type UseQueryResult, useQueries } from '@tanstack/react-query';
import { CallError, call, pictureHeaders } from '../../api/call.ts';
import type { Comparison, Models } from '../../api/types.ts';
import { Problem } from '../../components/problem.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { type Picture, useCollection } from '../../pictures/collection.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { type Choice, nameOf } from './choice.ts';
import styles from './compare.module.css';
import { compareMessages } from './compare-messages.ts';
import { ComparedPicture } from './compared-picture.tsx';
import { answersIn, byInterest, type Compared } from './comparing.ts';
import { Summary } from './summary.tsx';
import { createTurns } from './turns.ts';

const inTurn = createTurns();

interface SideBySideProps {
  readonly models: Models;
  readonly choices: readonly Choice[];
}

export function SideBySide({ models, choices }: SideBySideProps) {
  const say = useWords(compareMessages);
  const { pictures } = useCollection();
  const results = useComparisons(choices, pictures);
  const comparisons: readonly Compared[] = results.map(({ data }) => data);
  const done = results.filter(({ data, error }) => answersIn(data) || (error && isAboutPicture(error))).length;
  // What is wrong with the models, or with the service, is said once.
  const failed = results.find(({ error }) => error && !isAboutPicture(error));
  if (pictures.length === 0) return null;
  return (
    <>
      {failed && (
        <Problem
          error={failed.error}
          onRetry={() => {
            for (const result of results) if (result.error) void result.refetch();
          }}
        />
      )}
      <p role="status" className={done === pictures.length ? 'visually-hidden' : styles.quiet}>
        {say('progress', { done, all: pictures.length })}
      </p>
      {comparisons.some(answersIn) && <Summary models={models} choices={choices} comparisons={comparisons} />}
      <ul className={styles.rows}>
        {byInterest(comparisons).map((at) => {
          const picture = pictures[at];
          const result = results[at];
          return (
            picture &&
            result && (
              <li key={picture.id}>
                <ComparedPicture
                  picture={picture}
                  choices={choices}
                  compared={answersIn(result.data)}
                  waiting={result.isFetching}
                  error={result.error && isAboutPicture(result.error) ? result.error : null}
                />
              </li>
            )
          );
        })}
      </ul>
    </>
  );
}

const isAboutPicture = (error: Error): boolean =>
  error instanceof CallError &&
  (error.problem.kind === 'unreadable' ||
    (error.problem.kind === 'refused' && /^(IMAGE_|HEIC_|MEDIA_TYPE_)/.test(error.problem.code)));

/** Each picture by itself, so that answers are seen as they come, and are kept when others join. */
function useComparisons(
  choices: readonly Choice[],
  pictures: readonly Picture[],
): readonly UseQueryResult<Comparison>[] {
  const { language, top, threshold, key } = usePreferences();
  const models = choices.map(nameOf).join(',');
  return useQueries({
    queries: pictures.map(({ id, file }) => ({
      queryKey: ['comparison', models, id, language, top, threshold, key],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) => {
        const ask = () =>
          call<Comparison>('api/v1/compare', {
            method: 'POST',
            query: { models, lang: language, top, threshold },
            headers: pictureHeaders(file),
            body: file,
            signal,
          });
        return inTurn(ask, signal);
      },
      staleTime: Number.POSITIVE_INFINITY,
    })),
  });
}
