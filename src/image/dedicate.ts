/** Settings that sharp has once for a whole process. */
import sharp from 'sharp';

/** Only these of libvips's loaders may run, whatever the bytes pretend to be. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'];

/**
 * Makes the process one that decodes untrusted pictures and nothing else: no loader but the few that are needed, no
 * cache, one thread a picture. For Kaiyan's own processes; a program that uses the library may need sharp for more.
 */
export function dedicateProcess(): void {
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS.map((name) => `VipsForeignLoad${name}`) });
}
