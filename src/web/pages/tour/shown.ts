/** What every step has to show. */
import type { Classification, Explanation } from '../../api/types.ts';
import type { Lens } from '../../explanation/lens.ts';
import type { Picture } from '../../pictures/collection.ts';

export interface Shown {
  readonly picture: Picture;
  readonly bitmap: ImageBitmap;
  readonly lens: Lens;
  /** With all classes. */
  readonly answer: Classification;
  /** Of the most probable class. */
  readonly explanation: Explanation;
}
