/** How those who run the exhibition leave it, and children do not. */
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { exhibitionMessages } from './messages.ts';
import { fillScreen, useKiosk } from './use-kiosk.ts';
import styles from './way-out.module.css';

const HELD_MS = 3000;
/** A question that nobody answers is taken back. */
const ASKED_MS = 15_000;
const HINT_MS = 8000;

interface WayOutProps {
  /** Whether there is room to say how. */
  readonly hasRoom: boolean;
}

export function WayOut({ hasRoom }: WayOutProps) {
  const say = useWords(exhibitionMessages);
  const [, go] = useLocation();
  const [asked, setAsked] = useState(false);
  const [hinted, setHinted] = useState(true);
  const stay = () => {
    setAsked(false);
    void fillScreen();
  };
  const letGo = useKiosk(asked, () => setAsked(true));
  const leave = () => letGo(() => go('/see', { replace: true }));
  useEffect(() => {
    if (!asked) return;
    const timer = setTimeout(() => setAsked(false), ASKED_MS);
    return () => clearTimeout(timer);
  }, [asked]);
  useEffect(() => {
    const timer = setTimeout(() => setHinted(false), HINT_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      <Corner onHeld={leave} />
      {hasRoom && (
        <p className={styles.hint} data-gone={!hinted} aria-hidden={!hinted}>
          {say('howToLeave')}
        </p>
      )}
      <Dialog title={say('leaveTitle')} open={asked} onClose={stay}>
        <div className={styles.choice}>
          <Button look="primary" onClick={stay}>
            {say('stay')}
          </Button>
          <Button onClick={leave}>{say('leave')}</Button>
        </div>
      </Dialog>
    </>
  );
}

/** Not to be found by chance; with the keyboard, Escape does the same. */
function Corner({ onHeld }: { readonly onHeld: () => void }) {
  const timer = useRef<number>(undefined);
  const [held, setHeld] = useState(false);
  const begin = () => {
    setHeld(true);
    timer.current = window.setTimeout(onHeld, HELD_MS);
  };
  const end = () => {
    setHeld(false);
    clearTimeout(timer.current);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div
      className={styles.corner}
      data-held={held}
      onPointerDown={begin}
      onPointerUp={end}
      onPointerLeave={end}
      onPointerCancel={end}
    />
  );
}
