/** Which page stands at which address. The first one comes with the page itself, the others when they are opened. */
import { type ComponentType, lazy } from 'react';
import { ClassifyPage } from '../pages/classify/page.tsx';
import { MissingPage } from './missing-page.tsx';

interface PageAt {
  readonly path: string;
  readonly Page: ComponentType;
}

const later = (load: () => Promise<{ default: ComponentType }>) =>
  lazy(() => load().catch(() => ({ default: MissingPage })));

export const ROUTES: readonly PageAt[] = [
  { path: '/', Page: ClassifyPage },
  { path: '/see', Page: later(() => import('../pages/see/page.tsx')) },
  { path: '/tour', Page: later(() => import('../pages/tour/page.tsx')) },
  { path: '/exhibition', Page: later(() => import('../pages/exhibition/page.tsx')) },
  { path: '/camera', Page: later(() => import('../pages/camera/page.tsx')) },
  { path: '/batch', Page: later(() => import('../pages/batch/page.tsx')) },
  { path: '/batch/:id', Page: later(() => import('../pages/batch/job-page.tsx')) },
  { path: '/train', Page: later(() => import('../pages/train/page.tsx')) },
  { path: '/train/data/:name', Page: later(() => import('../pages/train/dataset-page.tsx')) },
  { path: '/train/runs/:id', Page: later(() => import('../pages/train/run-page.tsx')) },
  { path: '/train/corrections', Page: later(() => import('../pages/train/corrections-page.tsx')) },
  { path: '/models', Page: later(() => import('../pages/models/page.tsx')) },
  { path: '/models/compare', Page: later(() => import('../pages/models/compare-page.tsx')) },
  { path: '/api/:operation?', Page: later(() => import('../pages/api/page.tsx')) },
  { path: '/settings', Page: later(() => import('../pages/settings/page.tsx')) },
];
