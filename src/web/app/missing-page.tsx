/** Stands for a page whose files did not come: the service is away, or has another version by now. */
import { CallError } from '../api/call.ts';
import { Page } from '../components/page.tsx';
import { Problem } from '../components/problem.tsx';
import { problemMessages } from '../components/problem-messages.ts';
import { useWords } from '../i18n/i18n.ts';

const missing = new CallError({ kind: 'missing' });

export function MissingPage() {
  const say = useWords(problemMessages);
  return (
    <Page title={say('missing')} headingHidden>
      <Problem error={missing} onRetry={() => window.location.reload()} />
    </Page>
  );
}
