/** The report in English. */
import type { Words } from './words.js';

const count = (value: number) => value.toLocaleString('en');
const pictures = (value: number) => `${count(value)} ${value === 1 ? 'picture' : 'pictures'}`;
const classes = (value: number) => `${count(value)} ${value === 1 ? 'class' : 'classes'}`;

export const english: Words = {
  lang: 'en',
  title: 'Evaluation',
  comparison: 'Comparison',
  skip: 'To the figures',
  versus: (first, second) => `${first} and ${second}`,
  summary: (n, k, source) => `${pictures(n)} of ${classes(k)}${source === '' ? '' : `, from ${source}`}`,
  count,
  percent: (share) => `${(share * 100).toFixed(1)}\u00a0%`,
  date: (iso) =>
    new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }),
  interval: (low, high) => `between ${low} and ${high}, with 95 % confidence`,
  between: (low, high) => `${low} to ${high}`,
  result: 'How often it is right',
  top1: 'of the pictures are named rightly (top-1)',
  knowsData: (known, of) =>
    `The model was trained with ${known === of ? 'these very pictures, and knows most of them' : `${count(known)} of these ${pictures(of)}`}. Expect less of others, and evaluate it with pictures that it has not seen.`,
  right: (right, of) => `${count(right)} of ${pictures(of)}`,
  figures: {
    top5: { name: 'Top-5', means: 'The true class is among the first five.' },
    macroF1: { name: 'Macro F1', means: 'Precision and recall in one, each class counting alike.' },
    balancedAccuracy: { name: 'Balanced accuracy', means: 'Share named rightly, each class counting alike.' },
    logLoss: { name: 'Log loss', means: 'How surprised it was by the truth; 0 is best.' },
    ece: { name: 'Calibration error', means: 'How far its probabilities are from what comes true (ECE); 0 is best.' },
  },
  paired: {
    heading: 'Is one of them better?',
    split: ({ onlyFirstRight, onlySecondRight }, first, second) =>
      `On ${pictures(onlyFirstRight)} only ${first} is right, on ${count(onlySecondRight)} only ${second}.`,
    none: 'Both are right on the same pictures, so there is nothing to tell them apart by.',
    difference: (value, low, high) => `Difference in top-1: ${value} points (${low} to ${high}).`,
    loss: (value, low, high) => `Difference in log loss: ${value} (${low} to ${high}); less is better.`,
    verdict: (p, isClear) =>
      isClear
        ? `If they were equally good, so uneven a split would be rare (${p}): the difference is unlikely to be chance.`
        : `If they were equally good, such a split would be common (${p}): these pictures do not show which one is better.`,
    cells: { bothRight: 'both right', bothWrong: 'both wrong', only: (name) => `only ${name}` },
  },
  confusion: {
    heading: 'What it mixes up',
    about:
      'A row for what pictures show, a column for what was named. The diagonal is right; anything beside it is mixed up.',
    some: (shown) =>
      `The ${shown} classes that are mixed up most often; what is named outside of them is not in the table.`,
    none: 'Nothing was mixed up.',
    caption: 'Confusion matrix',
    truth: 'shows',
    named: 'named',
    pairs: 'Mixed up most often',
    pictures: 'pictures',
  },
  classes: {
    heading: 'Class by class',
    about:
      'Recall: of the pictures of the class, how many were found. Precision: of those called so, how many are. The weakest come first.',
    caption: 'Figures of each class',
    name: 'Class',
    pictures: 'Pictures',
    recall: 'Recall',
    precision: 'Precision',
    f1: 'F1',
    others: (value) => `${count(value)} more`,
    averages: 'Averages',
    macro: 'Macro average: each class counts alike',
    weighted: 'Weighted average: each picture counts alike',
  },
  calibration: {
    heading: 'Can its probabilities be believed?',
    about:
      'Of all answers with a probability of 80 %, eight in ten should be right: then the dots lie on the line. Large dots stand for many pictures.',
    mean: (confidence, accuracy) => `On average it says ${confidence}, and ${accuracy} are right.`,
    tooSure: 'It is surer than it should be.',
    tooCareful: 'It is more careful than it needs to be.',
    fair: 'On the whole that fits.',
    ece: (ece) => `Expected calibration error (15 bins): ${ece}.`,
    chart: 'Reliability diagram',
    confidence: 'What it says',
    accuracy: 'What is right',
    ideal: 'as it should be',
    numbers: 'The numbers',
    range: 'Probability',
    pictures: 'Pictures',
  },
  coverage: {
    heading: 'When it may say “not sure”',
    about: 'The higher the threshold, the fewer pictures get a name, and the more of these names are right.',
    at: (threshold, coverage, accuracy) =>
      accuracy === null
        ? `With the threshold ${threshold} no class is named at all.`
        : `With the threshold ${threshold} a class is named for ${coverage} of the pictures, and ${accuracy} of these names are right.`,
    groups: (share, accuracy) =>
      `For ${share} a group of classes is named instead, such as “dog”; ${accuracy} of these are right.`,
    unsure: (share) => `For ${share} the answer is “not sure”.`,
    chart: 'Accuracy by coverage',
    named: 'Pictures with a name',
    right: 'Names that are right',
    present: (threshold) => `threshold ${threshold}`,
    targets: 'Which threshold for which accuracy',
    target: 'To be right in',
    threshold: 'Threshold',
    unreachable: 'no threshold reaches it',
  },
  mistakes: {
    heading: 'Wrong, and sure of it',
    about: (wrong, shown) =>
      shown === wrong
        ? `All ${count(wrong)} wrong answers, the surest first.`
        : `The ${count(shown)} surest of ${count(wrong)} wrong answers. Look at them closely: sometimes it is the label that is wrong.`,
    none: 'There is not one wrong answer.',
    said: 'said',
    is: 'is',
    noPicture: 'no picture',
    more: (value) => `${count(value)} more`,
  },
  leftOut: {
    heading: 'Left out',
    unusable: (n) => `${pictures(n)} could not be read and ${n === 1 ? 'is' : 'are'} not in the figures.`,
    foreign: (n) =>
      `${pictures(n)} ${n === 1 ? 'shows' : 'show'} a class that the model does not have, or nothing says what ${n === 1 ? 'it shows' : 'they show'}; ${n === 1 ? 'it is' : 'they are'} not in the figures.`,
    unlabelled: 'without a label',
    more: (value) => `and ${count(value)} more`,
  },
  training: {
    heading: 'How it was trained',
    loss: 'Loss',
    accuracy: 'Accuracy',
    training: 'training',
    validation: 'validation',
    epoch: 'Epoch',
    findings: 'What was found in the data',
    noFindings: 'Nothing stood out in the data.',
    numbers: 'The numbers',
  },
  about: {
    heading: 'How this was made',
    model: 'Model',
    precision: 'Precision',
    digest: 'Model file (SHA-256)',
    size: 'Size',
    architecture: 'Architecture',
    input: 'Input',
    temperature: 'Temperature',
    license: 'Licence',
    data: 'Data',
    dataDigest: 'Data (SHA-256)',
    created: 'Evaluated',
    recipe: 'Recipe',
    method: (resamples, seed) =>
      `Ranges are 95 % intervals: what the figures would vary by if other pictures of the same kind had been taken (percentile bootstrap, ${count(resamples)} resamples, seed ${seed}).`,
    definitions:
      'Figures are defined as in scikit-learn. Macro averages are over the classes that are shown or named; where there is nothing to divide by, a figure is 0.',
  },
};
