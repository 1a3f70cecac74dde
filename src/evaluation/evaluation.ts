/** What an evaluation finds out about a model. The definitions are scikit-learn's: scripts/check-evaluation.py holds them against it. */
import type { ModelIdentity } from '../classification/classification.js';
import type { ErrorCode } from '../errors.js';

export interface EvaluatedPicture {
  readonly path: string;
  /** What reports call it: its path within the data set, with slashes. */
  readonly name: string;
  /** The class that it shows, by its position among the model's outputs. */
  readonly truth: number;
}

/** A figure, and between what it lies with a confidence of 95 %. */
export interface Measured {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface ClassFigures {
  /** Position among the model's outputs. */
  readonly index: number;
  readonly wnid: string | null;
  readonly label: string;
  readonly zh: string;
  /** 0 where there is nothing to divide by. */
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Pictures that show it, and pictures for which it was named. */
  readonly support: number;
  readonly predicted: number;
}

export interface Averages {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** How many pictures of one class were taken for another, or rightly for itself. */
export type ConfusionCount = readonly [truth: number, predicted: number, pictures: number];

export interface ReliabilityBin {
  /** Of probabilities p with from < p ≤ to. */
  readonly from: number;
  readonly to: number;
  readonly pictures: number;
  /** Mean probability of the named class, and share of right answers; null where there are no pictures. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

export interface CoveragePoint {
  readonly threshold: number;
  /** Share of the pictures for which a class is named. */
  readonly coverage: number;
  /** Share of right answers among these; null if there are none. */
  readonly accuracy: number | null;
}

/** What people get with the present threshold. */
export interface OperatingPoint extends CoveragePoint {
  /** Share of the pictures for which a group of classes is named instead, and how often the class is one of them. */
  readonly groups: number;
  readonly groupAccuracy: number | null;
  /** Share of the pictures for which the answer is "not sure". */
  readonly unsure: number;
}

export interface Mistake {
  readonly name: string;
  /** Classes by their positions. */
  readonly truth: number;
  readonly predicted: number;
  /** Of the class that was named, and of the one that would have been right. */
  readonly probability: number;
  readonly truthProbability: number;
  /** A JPEG in base64; null if none was made. */
  readonly thumbnail: string | null;
}

export interface EvaluatedModel extends ModelIdentity {
  /** Of its file. */
  readonly bytes: number;
  /** How many it has. */
  readonly classes: number;
  readonly temperature: number;
  readonly license: string;
  readonly architecture: string | null;
  /** The size of its input in pixels. */
  readonly input: { readonly width: number; readonly height: number };
  /** How it was trained; null if nothing says it. */
  readonly recipe: Readonly<Record<string, number>> | null;
}

export interface UnusablePicture {
  readonly name: string;
  readonly code: ErrorCode;
  readonly error: string;
}

/** Pictures of a class that the model does not have; without a label nothing says what they show. */
export interface ForeignPictures {
  readonly label: string | null;
  readonly names: readonly string[];
}

export interface EvaluatedData {
  /** The folder's or the list's name. */
  readonly source: string;
  /** Pictures that the figures are of, and the classes that these show. */
  readonly pictures: number;
  readonly classes: number;
  /** SHA-256 over contents and labels: the same for the same data, and for a training with it. */
  readonly sha256: string;
  /** Whether the model was trained with this very data: then the figures are better than those of other pictures. */
  readonly isTrainingData: boolean;
  /** How many of the pictures the model has learned from, it or the one it began with; null where nothing tells. */
  readonly trainedWith: number | null;
  /** Left out of the figures. */
  readonly unusable: readonly UnusablePicture[];
  readonly foreign: readonly ForeignPictures[];
}

/** How many of the pictures the model has learned from, as far as that is known: all of the very data that it was trained with. */
export const knownPictures = ({ trainedWith, isTrainingData, pictures }: EvaluatedData): number =>
  trainedWith ?? (isTrainingData ? pictures : 0);

export interface Evaluation {
  readonly model: EvaluatedModel;
  readonly data: EvaluatedData;
  /** When it ended, ISO 8601. */
  readonly created: string;
  /** How the intervals were made. */
  readonly bootstrap: { readonly confidence: number; readonly resamples: number; readonly seed: number };
  /** Shares of the pictures whose class comes first, or is among the first five. */
  readonly top1: Measured;
  readonly top5: Measured;
  /** Mean negative logarithm of the true class's probability, in nats. */
  readonly logLoss: Measured;
  /** Mean recall of the classes that there are pictures of. */
  readonly balancedAccuracy: Measured;
  /** Means over the classes that are shown or named, each counting alike. */
  readonly macro: { readonly precision: Measured; readonly recall: Measured; readonly f1: Measured };
  /** The same, each class by its pictures. */
  readonly weighted: Averages;
  /** Classes that are shown or named; all others occur nowhere. */
  readonly perClass: readonly ClassFigures[];
  /** Only counts that are not 0, by truth, then by what was named. */
  readonly confusion: readonly ConfusionCount[];
  readonly calibration: { readonly ece: number; readonly bins: readonly ReliabilityBin[] };
  readonly coverage: { readonly curve: readonly CoveragePoint[]; readonly operating: OperatingPoint };
  /** How many answers are wrong, and the most confident of them. */
  readonly wrong: number;
  readonly mistakes: readonly Mistake[];
}

/** Two models on the same pictures; a difference is the first one's figure less the second one's. */
export interface PairedTest {
  readonly pictures: number;
  readonly bothRight: number;
  readonly onlyFirstRight: number;
  readonly onlySecondRight: number;
  readonly bothWrong: number;
  /** Of McNemar's exact test, two-sided: how probable so uneven a split is if neither is better. */
  readonly p: number;
  readonly top1: Measured;
  /** Null if the models have different classes. */
  readonly logLoss: Measured | null;
}

export interface ComparedEvaluations {
  readonly evaluations: readonly Evaluation[];
  /** Null for one model. */
  readonly paired: PairedTest | null;
}
