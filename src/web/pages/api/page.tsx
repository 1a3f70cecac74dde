/** The service's description of itself, to be read and to be tried. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Link, useParams } from 'wouter';
import { call } from '../../api/call.ts';
import { useService } from '../../api/service.ts';
import { Page } from '../../components/page.tsx';
import { Problem } from '../../components/problem.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { Calls } from './calls.tsx';
import { apiMessages } from './messages.ts';
import { groupsOf, type OpenApi } from './openapi.ts';
import { OperationView } from './operation.tsx';
import styles from './page.module.css';
import { Words } from './words.tsx';

const DOCUMENT = 'api/v1/openapi.json';

export default function ApiPage() {
  const say = useWords(apiMessages);
  const { data, error, refetch } = useQuery({
    queryKey: ['openapi'],
    queryFn: ({ signal }) => call<OpenApi>(DOCUMENT, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Page title={say('title')} intro={say('intro')}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <p role="status">{say('loading')}</p>}
      {data && <Description document={data} />}
    </Page>
  );
}

function Description({ document }: { readonly document: OpenApi }) {
  const say = useWords(apiMessages);
  const { operation: id } = useParams<{ operation?: string }>();
  const [wanted, setWanted] = useState('');
  const groups = groupsOf(document);
  const operation = groups.flatMap(({ operations }) => operations).find((one) => one.id === id);
  const content = useFocusOnMove(id);
  const calls = <Calls groups={groups} wanted={wanted} onWanted={setWanted} chosen={id} />;
  if (id === undefined)
    return (
      <>
        <Basics document={document} />
        {calls}
      </>
    );
  return (
    <div className={styles.reading}>
      <div className={styles.index}>{calls}</div>
      <div className={styles.content} ref={content}>
        <Link href="/api" className={styles.back}>
          {say('allCalls')}
        </Link>
        {operation ? (
          <OperationView key={operation.id} operation={operation} schemas={document.components.schemas} />
        ) : (
          <p>{say('unknownCall')}</p>
        )}
      </div>
    </div>
  );
}

/** Who goes to another call hears which one it is; who comes to the page hears that first. */
function useFocusOnMove(id: string | undefined) {
  const content = useRef<HTMLDivElement>(null);
  const before = useRef(id);
  useEffect(() => {
    if (before.current === id) return;
    before.current = id;
    const heading = content.current?.querySelector('h2');
    heading?.focus({ preventScroll: true });
    heading?.scrollIntoView({ block: 'start' });
  }, [id]);
  return content;
}

function Basics({ document: { info } }: { readonly document: OpenApi }) {
  const say = useWords(apiMessages);
  const { data: service } = useService();
  return (
    <section className={styles.basics} aria-label={say('base')}>
      <p className={styles.address}>
        <code>{new URL('.', document.baseURI).href}</code>
        <a href={DOCUMENT}>{say('document')}</a>
      </p>
      {service && (
        <p>
          {say(service.needsKey ? 'keyWanted' : 'keyNone')}{' '}
          {service.needsKey && <Link href="/settings">{say('toSettings')}</Link>}
        </p>
      )}
      <p className={styles.quiet}>
        <Words text={info.description} />
      </p>
    </section>
  );
}
