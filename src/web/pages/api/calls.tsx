/** All calls by what they are for, and a way to find one. */
import { Fragment, type ReactNode, useId } from 'react';
import { Link } from 'wouter';
import { SearchField } from '../../components/search-field.tsx';
import { useWords } from '../../i18n/i18n.ts';
import styles from './calls.module.css';
import { apiMessages } from './messages.ts';
import { type Group, isKnownGroup, matching } from './openapi.ts';
import { Words } from './words.tsx';

interface CallsProps {
  readonly groups: readonly Group[];
  readonly wanted: string;
  readonly onWanted: (wanted: string) => void;
  /** The one that is read; undefined for none, and then there is room to say more of each. */
  readonly chosen: string | undefined;
}

export function Calls({ groups, wanted, onWanted, chosen }: CallsProps) {
  const say = useWords(apiMessages);
  const id = useId();
  const found = matching(groups, wanted);
  return (
    <nav aria-label={say('calls')} className={styles.calls} data-alone={chosen === undefined || undefined}>
      <div className={styles.find}>
        <SearchField label={say('filter')} value={wanted} onChange={onWanted} />
      </div>
      {found.length === 0 && <p role="status">{say('nothingFound')}</p>}
      {found.map((group) => (
        <section key={group.name} className={styles.group} aria-labelledby={`${id}-${group.name}`}>
          <h2 id={`${id}-${group.name}`}>{isKnownGroup(group.name) ? say(group.name) : group.name}</h2>
          <p className={styles.about}>
            <Words text={group.description} />
          </p>
          <ul className={styles.list}>
            {group.operations.map((operation) => (
              <li key={operation.id}>
                <Link
                  href={`/api/${operation.id}`}
                  className={styles.call}
                  aria-current={operation.id === chosen ? 'page' : undefined}
                >
                  <Method method={operation.method} /> <code className={styles.path}>{broken(operation.path)}</code>
                  <span className={styles.summary}>
                    <Words text={operation.summary ?? ''} />
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

/** A long path is broken before a slash. */
const broken = (path: string): ReactNode =>
  path.split(/(?=\/)/).map((part, at) => {
    const key = `${at}`;
    return (
      <Fragment key={key}>
        {at > 0 && <wbr />}
        {part}
      </Fragment>
    );
  });

export const Method = ({ method }: { readonly method: string }) => (
  <span className={styles.method} data-reads={method === 'GET' || undefined}>
    {method}
  </span>
);
