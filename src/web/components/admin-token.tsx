/** Where only those who manage the service may do something: the form for their token, or what else can be done. */
import { ShieldAlert } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { CallError } from '../api/call.ts';
import { useService } from '../api/service.ts';
import { messages, useWords } from '../i18n/i18n.ts';
import { changePreferences, usePreferences } from '../preferences/preferences.ts';
import styles from './admin-token.module.css';
import { Button } from './button.tsx';
import { Problem } from './problem.tsx';
import { SecretField } from './secret-field.tsx';

const tokenMessages = messages(
  'admin-token',
  {
    wanted: 'The admin token is wanted',
    wrong: 'This is not the admin token of this service',
    advice: 'Whoever runs the service has it. It is kept until you close this tab.',
    token: 'Admin token',
    use: 'Use this token',
    off: 'This cannot be done from here',
    offAdvice: 'The service is reached by others, and has no admin token. Whoever runs it can set one (adminToken).',
  },
  {
    wanted: '需要管理令牌',
    wrong: '管理令牌不正确',
    advice: '请向服务的管理者索取。令牌只保留到关闭本标签页为止。',
    token: '管理令牌',
    use: '使用此令牌',
    off: '不能在这里进行',
    offAdvice: '这个服务对外开放，又没有设置管理令牌。请管理者设置令牌（adminToken）。',
  },
);

interface ManagedProblemProps {
  /** Whatever was thrown. */
  readonly error: unknown;
  /** Asks again; also after the token was given. */
  readonly onRetry: () => void;
  /** What can be done without the page, where it is not allowed from here at all. */
  readonly instead?: ReactNode;
}

/** As `Problem`, of what only those may do who manage the service. */
export function ManagedProblem({ error, onRetry, instead }: ManagedProblemProps) {
  const { adminToken } = usePreferences();
  const { data: service } = useService();
  if (!isForManagers(error, adminToken)) return <Problem error={error} onRetry={onRetry} />;
  if (service?.management === 'off') return <ManagementOff>{instead}</ManagementOff>;
  return <TokenWanted onToken={onRetry} />;
}

/** Whether it is the admin token that is missing or wrong; `given` is the one that was sent. */
export function isForManagers(error: unknown, given: string): boolean {
  if (!(error instanceof CallError) || error.problem.kind !== 'refused') return false;
  const { code } = error.problem;
  // A wrong token is no key either, where one is asked for.
  return code === 'MANAGEMENT_REFUSED' || (code === 'UNAUTHORIZED' && given !== '');
}

interface RefusedProps {
  readonly title: string;
  readonly advice: string;
  /** Below what it stands. */
  readonly heading?: 'h2' | 'h3';
  readonly isAlert?: boolean;
  readonly children?: ReactNode;
}

/** Why something may not be done from here. */
export function Refused({ title, advice, heading: Heading = 'h2', isAlert = false, children }: RefusedProps) {
  return (
    <div className={styles.refused} role={isAlert ? 'alert' : undefined}>
      <ShieldAlert aria-hidden="true" className={styles.icon} />
      <div className={styles.words}>
        <Heading>{title}</Heading>
        <p>{advice}</p>
        {children}
      </div>
    </div>
  );
}

function ManagementOff({ children }: { readonly children: ReactNode }) {
  const say = useWords(tokenMessages);
  return (
    <Refused title={say('off')} advice={say('offAdvice')}>
      {children}
    </Refused>
  );
}

interface TokenWantedProps extends Pick<RefusedProps, 'heading'> {
  /** Tries again. */
  readonly onToken: () => void;
}

export function TokenWanted({ onToken, ...refused }: TokenWantedProps) {
  const say = useWords(tokenMessages);
  const { adminToken } = usePreferences();
  const [token, setToken] = useState('');
  const use = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    changePreferences({ adminToken: token });
    onToken();
  };
  return (
    <Refused title={say(adminToken === '' ? 'wanted' : 'wrong')} advice={say('advice')} isAlert {...refused}>
      <form onSubmit={use}>
        <SecretField label={say('token')} value={token} onChange={setToken}>
          <Button type="submit" look="primary" disabled={token === ''}>
            {say('use')}
          </Button>
        </SecretField>
      </form>
    </Refused>
  );
}
