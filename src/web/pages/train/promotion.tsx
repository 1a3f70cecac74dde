/** Lets a new model answer, and says what that means. */
import { useQueryClient } from '@tanstack/react-query';
import { CircleCheck, ScanSearch, Zap } from 'lucide-react';
import type { ReactNode } from 'react';
import { manageSilently } from '../../api/manage.ts';
import { useDeed } from '../../api/use-deed.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button, type Look } from '../../components/button.tsx';
import { ButtonLink } from '../../components/button-link.tsx';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { GoBack } from './promotions.tsx';
import styles from './result.module.css';
import { runMessages } from './run-messages.ts';
import { useActiveModel } from './use-active-model.ts';

export function AnswersNow() {
  const say = useWords(runMessages);
  return (
    <span className={styles.now}>
      <CircleCheck aria-hidden="true" /> {say('isUsed')}
    </span>
  );
}

interface PromotionProps {
  /** NAME@VERSION. */
  readonly model: string;
  readonly training: string;
  /** Instead of "Use it from now on". */
  readonly words?: string;
  readonly look?: Look;
  /** What else can be done as long as it is not used. */
  readonly children?: ReactNode;
}

/** Lets the new model answer: it is loaded and checked while the one before goes on. */
export function Promotion({ model, training, words, look = 'primary', children }: PromotionProps) {
  const say = useWords(runMessages);
  const notice = useNotice();
  const queries = useQueryClient();
  const isActive = useActiveModel() === model;
  const promotion = useDeed({
    mutationFn: () => manageSilently('api/v1/promotions', { method: 'POST', json: { model, training } }),
    onSuccess: async () => {
      notice(say('used', { model }));
      // What was answered until now is the answer of another model.
      await queries.invalidateQueries();
    },
  });
  return (
    <>
      {isActive ? (
        <>
          <ButtonLink href="/" look="primary" icon={ScanSearch}>
            {say('tryOnClassify')}
          </ButtonLink>
          <GoBack />
        </>
      ) : (
        <>
          <Button look={look} icon={Zap} waiting={promotion.isPending} onClick={() => promotion.mutate()}>
            {words ?? say('use')}
          </Button>
          {children}
        </>
      )}
      <p role="status" className={styles.state}>
        {isActive ? <AnswersNow /> : say(promotion.isPending ? 'using' : 'useNote')}
      </p>
      {promotion.isError && <ManagedProblem error={promotion.error} onRetry={() => promotion.mutate()} />}
    </>
  );
}
