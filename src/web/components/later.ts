/** Parts of the page that come when they are first wanted. */
import { type ComponentType, lazy, type ReactNode } from 'react';

interface Part<Props> {
  readonly default: ComponentType<Props>;
}

/** `instead` stands for one whose files do not come: the service is away, or has another version by now. */
export const later = <Props extends object>(load: () => Promise<Part<Props>>, instead: () => ReactNode) =>
  lazy(() => load().catch((): Part<Props> => ({ default: instead })));
