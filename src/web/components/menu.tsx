/** A button that opens a list of actions. */
import { Menu as Base } from '@base-ui/react/menu';
import { ChevronDown, type LucideIcon } from 'lucide-react';
import { buttonClass } from './button.tsx';
import styles from './menu.module.css';

interface MenuProps {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly items: readonly { readonly label: string; readonly onChoose: () => void }[];
}

export function Menu({ label, icon: Icon, items }: MenuProps) {
  return (
    <Base.Root>
      <Base.Trigger className={buttonClass('secondary')}>
        <Icon aria-hidden="true" />
        {label}
        <ChevronDown aria-hidden="true" />
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="start" className={styles.positioner}>
          <Base.Popup className={styles.popup}>
            {items.map(({ label: words, onChoose }) => (
              <Base.Item key={words} className={styles.item} onClick={onChoose}>
                {words}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
