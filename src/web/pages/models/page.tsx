/** What is installed, how good and how fast it is, and which one answers. */
import { Columns3 } from 'lucide-react';
import { useState } from 'react';
import { useModels } from '../../api/models.ts';
import type { Models } from '../../api/types.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { bytes } from '../../components/format.ts';
import { Page } from '../../components/page.tsx';
import { Problem } from '../../components/problem.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { modelsMessages } from './messages.ts';
import { ModelCard } from './model-card.tsx';
import styles from './page.module.css';

export default function ModelsPage() {
  const say = useWords(modelsMessages);
  const { data, error, refetch } = useModels();
  return (
    <Page
      title={say('title')}
      intro={say('intro')}
      actions={
        <ButtonLink href="/models/compare" icon={Columns3}>
          {say('compare')}
        </ButtonLink>
      }
    >
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <p role="status">{say('loading')}</p>}
      {data && <Installed models={data} />}
    </Page>
  );
}

function Installed({ models }: { readonly models: Models }) {
  const say = useWords(modelsMessages);
  // Models that are measured at once would be slower.
  const [measured, setMeasured] = useState<string | null>(null);
  const { usedBytes, limitBytes } = models.memory;
  if (models.models.length === 0) return <p>{say('none')}</p>;
  return (
    <>
      <div className={styles.memory}>
        <span className={styles.quiet}>{say('memory')}</span>
        <meter
          className={styles.meter}
          aria-label={say('memory')}
          min={0}
          max={limitBytes}
          value={usedBytes}
          aria-valuetext={say('memoryIs', { used: bytes(usedBytes), limit: bytes(limitBytes) })}
        />
        <span>{say('memoryIs', { used: bytes(usedBytes), limit: bytes(limitBytes) })}</span>
      </div>
      <ul className={styles.models}>
        {models.models.map((model) => (
          <li key={`${model.name}@${model.version}`}>
            <ModelCard models={models} model={model} measured={measured} onMeasured={setMeasured} />
          </li>
        ))}
      </ul>
    </>
  );
}
