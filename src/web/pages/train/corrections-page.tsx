/** What people have put right, what is learned from it, and which model took over from which. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { ArrowLeft, Inbox, ScanSearch, Trash2 } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { manage } from '../../api/manage.ts';
import type { Correction, Corrections } from '../../api/training-types.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { ButtonLink } from '../../components/button-link.tsx';
import { Page } from '../../components/page.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { Invitation } from '../../pictures/invitation.tsx';
import { CorrectionCard } from './correction-card.tsx';
import { DeleteCorrections, EditCorrection } from './correction-dialogs.tsx';
import { inboxMessages } from './corrections-messages.ts';
import styles from './corrections-page.module.css';
import { Improvement } from './improvement.tsx';
import { Promotions } from './promotions.tsx';
import shared from './train.module.css';

const PAGE = 60;

export default function CorrectionsPage() {
  const say = useWords(inboxMessages);
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['corrections', 'list'],
    queryFn: ({ signal, pageParam }) =>
      manage<Corrections>('api/v1/corrections', { query: { after: pageParam, limit: PAGE }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  const [first] = data?.pages ?? [];
  const corrections = data?.pages.flatMap((page) => page.corrections) ?? [];
  return (
    <Page
      title={say('title')}
      intro={say('intro')}
      actions={
        <ButtonLink href="/train" icon={ArrowLeft}>
          {say('back')}
        </ButtonLink>
      }
    >
      {error && !data && <ManagedProblem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <p role="status">{say('loading')}</p>}
      {first?.total === 0 && <Nothing />}
      {first && first.total > 0 && (
        <>
          <Improvement isSufficient={first.sufficient} />
          <Kept corrections={corrections} total={first.total}>
            {hasNextPage && (
              <div className={shared.actions}>
                <Button waiting={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                  {say('more')}
                </Button>
              </div>
            )}
          </Kept>
        </>
      )}
      {data && <Promotions />}
    </Page>
  );
}

function Nothing() {
  const say = useWords(inboxMessages);
  return (
    <Invitation
      sign={Inbox}
      title={<h2>{say('none')}</h2>}
      intro={say('noneAdvice')}
      ways={
        <ButtonLink href="/" look="primary" icon={ScanSearch}>
          {say('classify')}
        </ButtonLink>
      }
    />
  );
}

interface KeptProps {
  readonly corrections: readonly Correction[];
  readonly total: number;
  readonly children: ReactNode;
}

function Kept({ corrections, total, children }: KeptProps) {
  const say = useWords(inboxMessages);
  const title = useId();
  const [editing, setEditing] = useState<Correction>();
  /** One, or all of them. */
  const [deleting, setDeleting] = useState<Correction | 'all'>();
  return (
    <section className={shared.section} aria-labelledby={title}>
      <div className={shared.sectionHead}>
        <h2 id={title}>{say('count', { count: total })}</h2>
        <Button look="quiet" icon={Trash2} onClick={() => setDeleting('all')}>
          {say('removeAll')}
        </Button>
      </div>
      <ul className={styles.pictures}>
        {corrections.map((correction) => (
          <CorrectionCard
            key={correction.id}
            correction={correction}
            onEdit={() => setEditing(correction)}
            onDelete={() => setDeleting(correction)}
          />
        ))}
      </ul>
      {children}
      <EditCorrection correction={editing} onClose={() => setEditing(undefined)} />
      <DeleteCorrections which={deleting} total={total} onClose={() => setDeleting(undefined)} />
    </section>
  );
}
