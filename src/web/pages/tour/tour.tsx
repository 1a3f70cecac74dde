/** One step at a time, with what comes before and after it. */
import { ArrowLeft, ArrowRight, MessageCircleQuestionMark } from 'lucide-react';
import { useEffect, useEffectEvent, useRef } from 'react';
import { Button, IconButton } from '../../components/button.tsx';
import { ButtonLink } from '../../components/button-link.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { tourMessages } from './messages.ts';
import type { Shown } from './shown.ts';
import styles from './tour.module.css';
import { STEPS } from './tour-steps.ts';
import { useStepText } from './use-step-text.ts';

interface TourProps {
  readonly step: number;
  readonly onStep: (step: number) => void;
  readonly shown: Shown;
}

/** Those of a projector's remote, too. */
const KEYS: Readonly<Record<string, 1 | -1>> = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };

export function Tour({ step, onStep, shown }: TourProps) {
  const say = useWords(tourMessages);
  const textOf = useStepText(shown);
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(step);
  const { name, Live } = STEPS[step] ?? STEPS[0];
  const following = STEPS[step + 1];
  const go = (next: number) => {
    if (next < 0 || next >= STEPS.length) return;
    onStep(next);
  };
  useEffect(() => {
    if (before.current === step) return;
    before.current = step;
    heading.current?.focus({ preventScroll: true });
    // The next step begins where the last one began.
    window.scrollTo({ top: 0 });
  }, [step]);
  useStepKeys((by) => go(step + by));
  return (
    <div className={styles.tour}>
      <nav aria-label={say('steps')} className={styles.steps}>
        <IconButton icon={ArrowLeft} label={say('back')} idle={step === 0} onClick={() => go(step - 1)} />
        <ol className={styles.progress}>
          {STEPS.map((one, i) => (
            <li key={one.name}>
              <button
                type="button"
                className={styles.dot}
                data-done={i < step}
                aria-current={i === step ? 'step' : undefined}
                onClick={() => go(i)}
              >
                <span className={styles.number}>{i + 1}</span>
                <span className={styles.name}>{say(`${one.name}Name`)}</span>
              </button>
            </li>
          ))}
        </ol>
        <IconButton icon={ArrowRight} label={say('next')} idle={!following} onClick={() => go(step + 1)} />
      </nav>
      <article className={styles.step} aria-labelledby="step">
        {/* A new one for each step: a heading that keeps the focus is not read out again. */}
        <h2 key={`title ${name}`} id="step" ref={heading} tabIndex={-1} className={styles.title}>
          <span className="visually-hidden">{say('stepOf', { step: step + 1, steps: STEPS.length })}: </span>
          {say(`${name}Title`)}
        </h2>
        <p className={styles.text}>{textOf(name)}</p>
        <Live key={name} {...shown} />
        <aside className={styles.discuss} aria-labelledby="discuss">
          <MessageCircleQuestionMark aria-hidden="true" />
          <div>
            <h3 id="discuss">{say('discuss')}</h3>
            <p>{say(`${name}Question`)}</p>
          </div>
        </aside>
      </article>
      <div className={styles.moves}>
        <p>{say('keys')}</p>
        {following ? (
          <Button look="primary" icon={ArrowRight} onClick={() => go(step + 1)}>
            {say('nextStep', { title: say(`${following.name}Title`) })}
          </Button>
        ) : (
          <ButtonLink href="/" look="primary">
            {say('finish')}
          </ButtonLink>
        )}
      </div>
    </div>
  );
}

/** Where something has a use of its own for a key, it keeps it. */
function useStepKeys(onMove: (by: 1 | -1) => void): void {
  const move = useEffectEvent(onMove);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const by = KEYS[event.key];
      const isTaken = event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey;
      if (!by || isTaken || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      move(by);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}
