/** A link that looks like a button: to another page, or to something to keep. */
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { buttonClass, type Look } from './button.tsx';

interface ButtonLinkProps {
  /** A page of this one, or, with `download`, any address. */
  readonly href: string;
  /** The name that it is kept under. */
  readonly download?: string;
  readonly look?: Look;
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
}

export function ButtonLink({ href, download, look, icon: Icon, children }: ButtonLinkProps) {
  const className = buttonClass(look);
  const content = (
    <>
      {Icon && <Icon aria-hidden="true" />}
      {children}
    </>
  );
  if (download === undefined)
    return (
      <Link href={href} className={className}>
        {content}
      </Link>
    );
  return (
    <a href={href} download={download} className={className}>
      {content}
    </a>
  );
}
