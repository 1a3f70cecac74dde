/** The icons of the installed page, drawn from `icon.svg`: systems want pixels. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const source = fileURLToPath(new URL('../../src/web/public/icon.svg', import.meta.url));
const GROUND = '#fafaf9';

const ICONS = [
  { fileName: 'icon-192.png', size: 192, share: 0.9, background: 'transparent' },
  { fileName: 'icon-512.png', size: 512, share: 0.9, background: 'transparent' },
  // Systems cut these to a shape of theirs, at most to a circle of four fifths of the side.
  { fileName: 'icon-maskable-192.png', size: 192, share: 0.64, background: GROUND },
  { fileName: 'icon-maskable-512.png', size: 512, share: 0.64, background: GROUND },
  { fileName: 'apple-touch-icon.png', size: 180, share: 0.72, background: GROUND },
];

/** Their names, for those who keep the page. */
export const iconNames = [path.basename(source), ...ICONS.map(({ fileName }) => fileName)];

export const appIcons = {
  name: 'app-icons',
  apply: 'build',
  async generateBundle() {
    for (const { fileName, ...icon } of ICONS) this.emitFile({ type: 'asset', fileName, source: await drawn(icon) });
  },
};

async function drawn({ size, share, background }) {
  const eye = await sharp(source, { density: 72 * 16 })
    .resize(Math.round(size * share))
    .png()
    .toBuffer();
  const ground = sharp({ create: { width: size, height: size, channels: 4, background } });
  return ground
    .composite([{ input: eye }])
    .png({ compressionLevel: 9, palette: true })
    .toBuffer();
}
