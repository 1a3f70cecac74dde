/** A window over the page: the focus stays inside, on what is to be written if there is such a thing; Escape closes it. */
import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { messages, useWords } from '../i18n/i18n.ts';
import { IconButton } from './button.tsx';
import styles from './dialog.module.css';

const dialogMessages = messages('dialog', { close: 'Close' }, { close: '关闭' });

interface DialogProps {
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Dialog({ title, open, onClose, children }: DialogProps) {
  const say = useWords(dialogMessages);
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup ref={popup} className={styles.popup} initialFocus={() => fieldIn(popup.current)}>
          <div className={styles.head}>
            <Base.Title className={styles.title}>{title}</Base.Title>
            <Base.Close render={<IconButton icon={X} label={say('close')} />} />
          </div>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** What is written in; none where a keyboard would come up from below and cover the rest. */
function fieldIn(popup: HTMLElement | null): HTMLElement | true {
  if (!window.matchMedia('(pointer: fine)').matches) return true;
  return popup?.querySelector<HTMLInputElement>('input:is(:not([type]), [type=text], [type=search])') ?? true;
}
