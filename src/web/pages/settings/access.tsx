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
  const test = useMutation({ mutationFn: fits });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    test.mutate();
  };
  const change = (next: string) => {
    test.reset();
    changePreferences({ [name]: next });
  };
  return (
    <form onSubmit={submit}>
      <SecretField label={say(name)} value={value} onChange={change}>
        <Button type="submit" disabled={value === '' || test.isPending}>
          {say('test')}
        </Button>
      </SecretField>
      {name === 'adminToken' && <p className={styles.quiet}>{say('adminTokenIs')}</p>}
      <p className={styles.outcome} role="status" data-fits={test.data}>
        {test.isPending && say('testing')}
        {test.data === true && <CircleCheck aria-hidden="true" />}
        {test.data === false && <CircleX aria-hidden="true" />}
        {test.data !== undefined && say(test.data ? `${name}Fits` : `${name}Wrong`)}
      </p>
      {test.error && <Problem error={test.error} onRetry={() => test.mutate()} />}
    </form>
  );
}
