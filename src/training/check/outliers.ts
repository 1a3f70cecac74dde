/** Pictures that are far from all others in what the network makes of them: often no photographs of the matter at all. */
import { membersBy } from '../../dataset/duplicates.js';
import { median } from '../../statistics.js';
import type { Finding } from './finding.js';
import { counted } from './words.js';

/** Robust standard deviations above the median of all pictures, and above that of its own class. */
const FAR = 5;
const FAR_IN_CLASS = 3;
/** With fewer pictures nobody can say what is usual. */
const LEAST_PICTURES = 20;
const LEAST_OF_CLASS = 5;
/** Of a normal distribution, to the median of the absolute deviations (Rousseeuw and Croux, 1993). */
const MAD_TO_DEVIATION = 1.4826;

/**
 * Positions of pictures, the farthest first; `distances` are those to their neighbours. Far for its class too: else of several
 * classes of pictures that are much alike, the one that is least so would be pointed out for that.
 */
export function findOutliers(distances: readonly number[], labels: Int32Array): number[] {
  if (distances.length < LEAST_PICTURES) return [];
  const all = usualOf(distances);
  if (all.deviation === 0) return [];
  const ofClass = new Map(
    [...membersBy(labels)]
      .filter(([, members]) => members.length >= LEAST_OF_CLASS)
      .map(([label, members]) => [label, usualOf(members.map((i) => distances[i] as number))]),
  );
  const isFar = (i: number, { middle, deviation }: Usual, far: number) =>
    (distances[i] as number) - middle > far * deviation;
  return [...distances.keys()]
    .filter((i) => isFar(i, all, FAR) && isFar(i, ofClass.get(labels[i] as number) ?? all, FAR_IN_CLASS))
    .sort((a, b) => (distances[b] as number) - (distances[a] as number));
}

interface Usual {
  readonly middle: number;
  readonly deviation: number;
}

function usualOf(distances: readonly number[]): Usual {
  const middle = median(distances);
  return { middle, deviation: MAD_TO_DEVIATION * median(distances.map((distance) => Math.abs(distance - middle))) };
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
