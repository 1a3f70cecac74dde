/** Buttons: one look for what is done most, one for the rest, one for what stands beside words. */
import { LoaderCircle, type LucideIcon } from 'lucide-react';
import type { ComponentProps, MouseEvent, ReactNode, Ref } from 'react';
import styles from './button.module.css';

export type Look = 'primary' | 'secondary' | 'quiet';

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: Look;
  readonly icon?: LucideIcon | undefined;
  /** What it asks for is under way: it does nothing more, but keeps the focus, which it would lose if it were disabled. */
  readonly waiting?: boolean;
  /** There is nothing for it to do now; it keeps the focus likewise. */
  readonly idle?: boolean;
  readonly children: ReactNode;
  readonly ref?: Ref<HTMLButtonElement>;
}

export const buttonClass = (look: Look = 'secondary', more = '') => `${styles.button} ${styles[look]} ${more}`.trim();

export function Button({
  look = 'secondary',
  icon: Icon,
  waiting = false,
  idle = false,
  children,
  className = '',
  ...button
}: ButtonProps) {
  const Sign = Icon && waiting ? LoaderCircle : Icon;
  return (
    <button
      type="button"
      className={buttonClass(look, className)}
      {...button}
      {...(waiting && { ...inert, 'data-waiting': '' })}
      {...(idle && { ...inert, 'data-idle': '' })}
    >
      {Sign && <Sign aria-hidden="true" />}
      {children}
    </button>
  );
}

/** Nor is a form sent. */
const inert = { 'aria-disabled': true, onClick: (event: MouseEvent) => event.preventDefault() } as const;

interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon' | 'waiting'> {
  readonly icon: LucideIcon;
  /** What it does, in words: shown on hover, and read out. */
  readonly label: string;
}

export function IconButton({
  look = 'quiet',
  icon: Icon,
  label,
  idle = false,
  className = '',
  ...button
}: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={buttonClass(look, `${styles.onlyIcon} ${className}`)}
      {...button}
      {...(idle && { ...inert, 'data-idle': '' })}
    >
      <Icon aria-hidden="true" />
    </button>
  );
}

export interface FileButtonProps extends Omit<ComponentProps<'input'>, 'type' | 'onChange'> {
  readonly look?: Look;
  readonly icon?: LucideIcon;
  readonly label: string;
  readonly onFiles: (files: readonly File[]) => void;
}

/** Looks like a button and opens the system's choice of files. */
export function FileButton({ look = 'secondary', icon: Icon, label, onFiles, ...input }: FileButtonProps) {
  return (
    <label className={buttonClass(look, styles.file)}>
      {Icon && <Icon aria-hidden="true" />}
      {label}
      <input
        type="file"
        {...input}
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          // So that the same file can be chosen again after it has changed.
          currentTarget.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </label>
  );
}
