/** Lies over the page while something is dragged over it: what happens if it is let go. */
import type { ReactNode } from 'react';
import styles from './drop-hint.module.css';

export const DropHint = ({ children }: { readonly children: ReactNode }) => <p className={styles.drop}>{children}</p>;
