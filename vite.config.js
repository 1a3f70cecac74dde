/** How the page is bundled: `src/web` to `dist/web`, with addresses relative to the page, so that it works below any path. */
import path from 'node:path';
import react from '@vitejs/plugin-react';
import sharp from 'sharp';
import { defineConfig } from 'vite';
import { appIcons } from './scripts/page/app-icons.js';
import { firstPage, firstPageGroup } from './scripts/page/first-page.js';
import { entryFileName, serviceWorkerEntry, shell } from './scripts/page/shell.js';

/** Pixels of the longer side: sharp on a screen of twice the usual density. */
const SMALL = 480;

/** `import small from 'picture.jpg?small'`: the address of a small copy of a picture. */
const smallPictures = {
  name: 'small-pictures',
  enforce: 'pre',
  async load(id) {
    if (!id.endsWith('?small')) return null;
    const file = id.slice(0, -'?small'.length);
    const source = await sharp(file).resize(SMALL, SMALL, { fit: 'inside' }).webp({ quality: 80 }).toBuffer();
    const reference = this.emitFile({ type: 'asset', name: `${path.parse(file).name}.webp`, source });
    return `export default import.meta.ROLLUP_FILE_URL_${reference};`;
  },
};

export default defineConfig({
  root: 'src/web',
  base: './',
  plugins: [smallPictures, react(), firstPage, appIcons, shell],
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the page allows no scripts and styles but those that are files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: ['src/web/index.html', serviceWorkerEntry],
      output: { entryFileNames: entryFileName, codeSplitting: { groups: [firstPageGroup] } },
    },
    // Of all that is bundled; the page shows it.
    license: { fileName: 'licences.md' },
  },
});
