/** Lets a model answer from now on: it is loaded and checked while the one before goes on. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, LoaderCircle, ShieldAlert, Zap } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { CallError, call } from '../../api/call.ts';
import { useService } from '../../api/service.ts';
import type { ActiveModel } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { Problem } from '../../components/problem.tsx';
import { SecretField } from '../../components/secret-field.tsx';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { changePreferences, usePreferences } from '../../preferences/preferences.ts';
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
  const activation = useMutation({
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
        onClick={() => !activation.isPending && !isActive && start()}
      >
        {say(isActive ? 'activeNow' : 'activate')}
      </Button>
      <p role="status" className={styles.note}>
        {activation.isPending && say('activating', { name })}
      </p>
      {isOff && !isActive && <Refused choice={choice} onToken={undefined} />}
      {activation.error &&
        !isOff &&
        (isForToken(activation.error, adminToken) ? (
          <Refused choice={choice} onToken={service?.management === 'token' ? start : undefined} />
        ) : (
          <Problem error={activation.error} onRetry={start} />
        ))}
    </div>
  );
}

/** Whether it is the admin token that is missing or wrong. */
function isForToken(error: unknown, given: string): boolean {
  if (!(error instanceof CallError) || error.problem.kind !== 'refused') return false;
  const { code } = error.problem;
  // A wrong token is no key either, where one is asked for.
  return code === 'MANAGEMENT_REFUSED' || (code === 'UNAUTHORIZED' && given !== '');
}

interface RefusedProps {
  readonly choice: Choice;
  /** Tries again; undefined where no token would help. */
  readonly onToken: (() => void) | undefined;
}

/** Why it may not be done from here, and how it can be. */
function Refused({ choice, onToken }: RefusedProps) {
  const say = useWords(modelsMessages);
  const { adminToken } = usePreferences();
  return (
    <div className={styles.refused} role={onToken ? 'alert' : undefined}>
      <ShieldAlert aria-hidden="true" className={styles.icon} />
      <div className={styles.refusedWords}>
        <h3>{say(onToken ? (adminToken === '' ? 'tokenWanted' : 'tokenWrong') : 'managementOff')}</h3>
        <p>{say(onToken ? 'tokenAdvice' : 'managementOffAdvice')}</p>
        {onToken ? (
          <TokenForm onToken={onToken} />
        ) : (
          <code>
            kaiyan models use {choice.reference} --precision {choice.precision}
          </code>
        )}
      </div>
    </div>
  );
}

function TokenForm({ onToken }: { readonly onToken: () => void }) {
  const say = useWords(modelsMessages);
  const [token, setToken] = useState('');
  const use = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    changePreferences({ adminToken: token });
    onToken();
  };
  return (
    <form onSubmit={use}>
      <SecretField label={say('token')} value={token} onChange={setToken}>
        <Button type="submit" look="primary" disabled={token === ''}>
          {say('useToken')}
        </Button>
      </SecretField>
    </form>
  );
}
