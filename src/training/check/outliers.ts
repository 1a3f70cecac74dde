/** Pictures that are far from all others in what the network makes of them: often no photographs of the matter at all. */
import { median } from '../../statistics.js';
import type { Finding } from './finding.js';
import { counted } from './words.js';

/** Robust standard deviations above the median. */
const FAR = 5;
/** With fewer pictures nobody can say what is usual. */
const LEAST_PICTURES = 20;
/** Of a normal distribution, to the median of the absolute deviations (Rousseeuw and Croux, 1993). */
const MAD_TO_DEVIATION = 1.4826;

/** Positions of pictures, the farthest first; `distances` are those to their neighbours. */
export function findOutliers(distances: readonly number[]): number[] {
  if (distances.length < LEAST_PICTURES) return [];
  const usual = median(distances);
  const deviation = MAD_TO_DEVIATION * median(distances.map((distance) => Math.abs(distance - usual)));
  return [...distances.keys()]
    .filter((i) => (distances[i] as number) - usual > FAR * deviation && deviation > 0)
    .sort((a, b) => (distances[b] as number) - (distances[a] as number));
}

export function outlierFindings(pictures: readonly string[]): Finding[] {
  if (pictures.length === 0) return [];
  const [are, they, them] = pictures.length === 1 ? ['is', 'it shows', 'it'] : ['are', 'they show', 'them'];
  return [
    {
      kind: 'outlier',
      pictures,
      classes: [],
      message: `${counted(pictures.length, 'picture')} ${are} far from all others. Look whether ${they} what the class is about, and remove ${them} if not.`,
      messageZh: `有 ${pictures.length} 张图片与其他所有图片差别很大。请查看它们是否属于所在类别，如果不是请删除。`,
    },
  ];
}
