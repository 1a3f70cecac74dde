/** Which page stands at which address. The first one comes with the page itself, the others when they are opened. */
import type { ComponentType } from 'react';
import { later } from '../components/later.ts';
import { ClassifyPage } from '../pages/classify/page.tsx';
import { MissingPage } from './missing-page.tsx';

interface PageAt {
  readonly path: string;
  readonly Page: ComponentType;
}

const opened = (load: () => Promise<{ readonly default: ComponentType }>) => later(load, MissingPage);

export const ROUTES: readonly PageAt[] = [
  { path: '/', Page: ClassifyPage },
  { path: '/see', Page: opened(() => import('../pages/see/page.tsx')) },
  { path: '/tour', Page: opened(() => import('../pages/tour/page.tsx')) },
  { path: '/exhibition', Page: opened(() => import('../pages/exhibition/page.tsx')) },
  { path: '/camera', Page: opened(() => import('../pages/camera/page.tsx')) },
  { path: '/batch', Page: opened(() => import('../pages/batch/page.tsx')) },
  { path: '/batch/:id', Page: opened(() => import('../pages/batch/job-page.tsx')) },
  { path: '/train', Page: opened(() => import('../pages/train/page.tsx')) },
  { path: '/train/data/:name', Page: opened(() => import('../pages/train/dataset-page.tsx')) },
  { path: '/train/runs/:id', Page: opened(() => import('../pages/train/run-page.tsx')) },
  { path: '/train/corrections', Page: opened(() => import('../pages/train/corrections-page.tsx')) },
  { path: '/models', Page: opened(() => import('../pages/models/page.tsx')) },
  { path: '/models/compare', Page: opened(() => import('../pages/models/compare-page.tsx')) },
  { path: '/api/:operation?', Page: opened(() => import('../pages/api/page.tsx')) },
  { path: '/settings', Page: opened(() => import('../pages/settings/page.tsx')) },
];
