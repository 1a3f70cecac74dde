/** What all pages share: the cache of answers, the notices, the frame, and which page stands at which address. */
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Suspense } from 'react';
import { Route, Router, Switch } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { Notices } from '../components/toast.tsx';
import { Opening } from './opening.tsx';
import { ROUTES } from './routes.ts';
import { Shell } from './shell.tsx';
import { UnknownAddress } from './unknown-address.tsx';
import { isSilent, lookWhetherItAnswers } from './use-service-answers.ts';

const onError = (error: unknown) => {
  if (isSilent(error)) lookWhetherItAnswers(queries);
};

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      // The service is on this machine or near it: what it refuses now it refuses again, and people see and decide.
      retry: (failures, error) => failures < 1 && isSilent(error),
      networkMode: 'always',
      refetchOnWindowFocus: false,
    },
    mutations: { networkMode: 'always' },
  },
});

/** Addresses stand behind `#`, so that the service needs to know one page only, below whatever path. */
export function App() {
  return (
    <QueryClientProvider client={queries}>
      <Notices>
        <Router hook={useHashLocation}>
          <Shell>
            <Suspense fallback={<Opening />}>
              <Switch>
                {ROUTES.map(({ path, Page }) => (
                  <Route key={path} path={path} component={Page} />
                ))}
                <Route component={UnknownAddress} />
              </Switch>
            </Suspense>
          </Shell>
        </Router>
      </Notices>
    </QueryClientProvider>
  );
}
