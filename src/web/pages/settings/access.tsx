/** The keys that people have been given, and whether they fit. */
import { useMutation } from '@tanstack/react-query';
import { CircleCheck, CircleX } from 'lucide-react';
import type { FormEvent } from 'react';
import { adminTokenFits, keyFits } from '../../api/check-key.ts';
import { useService } from '../../api/service.ts';
import { Button } from '../../components/button.tsx';
import { Problem } from '../../components/problem.tsx';
import { SecretField } from '../../components/secret-field.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { changePreferences, usePreferences } from '../../preferences/preferences.ts';
import { settingsMessages } from './messages.ts';
import styles from './page.module.css';
import { Section } from './section.tsx';

export function Access() {
  const say = useWords(settingsMessages);
  const { key, adminToken } = usePreferences();
  const { data, error, refetch } = useService();
  const management = data?.management ?? 'token';
  return (
    <Section title={say('access')} about={say('accessIs')}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {data?.needsKey === false && <p>{say('noKey')}</p>}
      {(data?.needsKey !== false || key !== '') && <Secret name="key" value={key} fits={keyFits} />}
      {management === 'open' && <p>{say('managementOpen')}</p>}
      {management === 'off' && <p>{say('managementOff')}</p>}
      {(management === 'token' || adminToken !== '') && (
        <Secret name="adminToken" value={adminToken} fits={adminTokenFits} />
      )}
    </Section>
  );
}

interface SecretProps {
  readonly name: 'key' | 'adminToken';
  readonly value: string;
  /** Whether what is kept fits. */
  readonly fits: () => Promise<boolean>;
}

function Secret({ name, value, fits }: SecretProps) {
  const say = useWords(settingsMessages);
  const test = useMutation({ mutationFn: (_tried: string) => fits() });
  // What was found of another value says nothing of this one.
  const isOfThis = test.variables === value;
  const found = isOfThis ? test.data : undefined;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    test.mutate(value);
  };
  return (
    <form onSubmit={submit}>
      <SecretField label={say(name)} value={value} onChange={(next) => changePreferences({ [name]: next })}>
        <Button type="submit" disabled={value === ''} waiting={isOfThis && test.isPending}>
          {say('test')}
        </Button>
      </SecretField>
      {name === 'adminToken' && <p className={styles.quiet}>{say('adminTokenIs')}</p>}
      <p className={styles.outcome} role="status" data-fits={found}>
        {isOfThis && test.isPending && say('testing')}
        {found === true && <CircleCheck aria-hidden="true" />}
        {found === false && <CircleX aria-hidden="true" />}
        {found !== undefined && say(found ? `${name}Fits` : `${name}Wrong`)}
      </p>
      {isOfThis && test.error && <Problem error={test.error} onRetry={() => test.mutate(value)} />}
    </form>
  );
}
