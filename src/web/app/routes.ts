/** Which page stands at which address. The first one comes with the page itself, the others when they are opened. */
import { type ComponentType, lazy } from 'react';
import { ClassifyPage } from '../pages/classify/page.tsx';

interface PageAt {
  readonly path: string;
  readonly Page: ComponentType;
}

export const ROUTES: readonly PageAt[] = [
  { path: '/', Page: ClassifyPage },
  { path: '/see', Page: lazy(() => import('../pages/see/page.tsx')) },
  { path: '/tour', Page: lazy(() => import('../pages/tour/page.tsx')) },
  { path: '/exhibition', Page: lazy(() => import('../pages/exhibition/page.tsx')) },
  { path: '/camera', Page: lazy(() => import('../pages/camera/page.tsx')) },
  { path: '/batch', Page: lazy(() => import('../pages/batch/page.tsx')) },
  { path: '/batch/:id', Page: lazy(() => import('../pages/batch/job-page.tsx')) },
  { path: '/models', Page: lazy(() => import('../pages/models/page.tsx')) },
  { path: '/models/compare', Page: lazy(() => import('../pages/models/compare-page.tsx')) },
  { path: '/api/:operation?', Page: lazy(() => import('../pages/api/page.tsx')) },
  { path: '/settings', Page: lazy(() => import('../pages/settings/page.tsx')) },
];
