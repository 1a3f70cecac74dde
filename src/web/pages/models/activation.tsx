/** Lets a model answer from now on: it is loaded and checked while the one before goes on. */
import { useQueryClient } from '@tanstack/react-query';
import { CircleCheck, LoaderCircle, Zap } from 'lucide-react';
import { call } from '../../api/call.ts';
import { useService } from '../../api/service.ts';
import type { ActiveModel } from '../../api/types.ts';
import { useDeed } from '../../api/use-deed.ts';
import { isForManagers, Refused, TokenWanted } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { Problem } from '../../components/problem.tsx';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import type { Choice } from './choice.ts';
import { modelsMessages } from './messages.ts';
import styles from './page.module.css';

interface ActivationProps {
  readonly choice: Choice;
  readonly isActive: boolean;
}

export function Activation({ choice, isActive }: ActivationProps) {
  const say = useWords(modelsMessages);
  const notice = useNotice();
  const queries = useQueryClient();
  const { adminToken } = usePreferences();
  const { data: service } = useService();
  const name = `${choice.reference} (${choice.precision.toUpperCase()})`;
  const activation = useDeed({
    // One at a time, in the order in which they were asked for.
    scope: { id: 'activation' },
    mutationFn: () =>
      call<ActiveModel>('api/v1/models/active', {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ model: choice.reference, precision: choice.precision }),
        manages: true,
      }),
    onSuccess: async () => {
      notice(say('activated', { name }));
      // What was answered until now is the answer of another model.
      await queries.invalidateQueries();
    },
  });
  const start = () => activation.mutate();
  const isOff = service?.management === 'off';
  const icon = activation.isPending ? LoaderCircle : isActive ? CircleCheck : Zap;
  return (
    <div className={styles.activation}>
      <Button
        look={isActive ? 'quiet' : 'primary'}
        className={isActive ? styles.isActive : ''}
        icon={icon}
        aria-busy={activation.isPending}
        aria-disabled={activation.isPending || isActive}
        disabled={isOff && !isActive}
        onClick={() => !isActive && start()}
      >
        {say(isActive ? 'activeNow' : 'activate')}
      </Button>
      <p role="status" className={styles.note}>
        {activation.isPending && say('activating', { name })}
      </p>
      {isOff && !isActive && <Off choice={choice} />}
      {activation.error &&
        !isOff &&
        (isForManagers(activation.error, adminToken) ? (
          <TokenWanted heading="h3" onToken={start} />
        ) : (
          <Problem error={activation.error} onRetry={start} />
        ))}
    </div>
  );
}

/** What can be done without the page. */
function Off({ choice }: { readonly choice: Choice }) {
  const say = useWords(modelsMessages);
  return (
    <Refused title={say('managementOff')} advice={say('managementOffAdvice')} heading="h3">
      <code>
        kaiyan models use {choice.reference} --precision {choice.precision}
      </code>
    </Refused>
  );
}
