/** Tells the service worker which files the page consists of, and which build this is. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { iconNames } from './app-icons.js';

const MANIFEST = 'manifest.webmanifest';
const WORKER = 'sw.js';
/** Pictures to try are of no use without answers, but their small copies are part of the page. */
const PART_OF_SHELL = /^assets\/.*\.(js|css|webp|svg|woff2)$/;

export const serviceWorkerEntry = fileURLToPath(new URL('../../src/web/service-worker/worker.ts', import.meta.url));

/** Its address is the same in each build, since browsers look there for the next one. */
export const entryFileName = ({ facadeModuleId }) =>
  facadeModuleId === serviceWorkerEntry ? WORKER : 'assets/[name]-[hash].js';

export const shell = {
  name: 'shell',
  enforce: 'post',
  apply: 'build',
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      const worker = bundle[WORKER];
      if (worker?.type !== 'chunk' || worker.imports.length > 0) this.error(`${WORKER} has to be one file`);
      const assets = Object.keys(bundle).filter((name) => PART_OF_SHELL.test(name));
      const files = [...assets.sort(), MANIFEST, ...iconNames];
      const manifest = readFileSync(new URL(`../../src/web/public/${MANIFEST}`, import.meta.url));
      // The names of assets change with what is in them; the icons are drawn from one that does not change by itself.
      const digest = createHash('sha256').update(files.join()).update(manifest).update(bundle['index.html'].source);
      const version = digest.digest('base64url').slice(0, 16);
      worker.code = `const SHELL=${JSON.stringify({ version, files })};${worker.code}`;
    },
  },
};
