/** Pictures to train with, made of one: parts of it, in other light, turned round. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

const SIDE = 320;

/** Writes `count` JPEGs into a folder, all different, the same ones each time; gives their paths. */
export async function variationsOf(picture: string, folder: string, count: number): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const { width = 0, height = 0 } = await sharp(picture).metadata();
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const [scale, across, down, light] = [37, 53, 71, 29].map((prime) => ((i * prime) % 100) / 100) as Four;
      const [w, h] = [width, height].map((side) => Math.round(side * (0.6 + 0.4 * scale))) as [number, number];
      const part = { left: Math.round((width - w) * across), top: Math.round((height - h) * down) };
      const bytes = await sharp(picture)
        .extract({ ...part, width: w, height: h })
        .modulate({ brightness: 0.7 + 0.6 * light })
        .flop(i % 2 === 1)
        .resize(SIDE, SIDE, { fit: 'inside' })
        .jpeg()
        .toBuffer();
      const file = path.join(folder, `${i}.jpg`);
      await writeFile(file, bytes);
      return file;
    }),
  );
}

type Four = [number, number, number, number];
