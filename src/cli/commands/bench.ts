/** `kaiyan bench`: what this machine takes for each stage, each precision and the whole way of a picture. */
import { type BenchmarkResult, runBenchmark } from '../../benchmark/benchmark.js';
import type { Configuration } from '../../config.js';
import { catchInterrupt } from '../interrupt.js';
import { percent, table, visible, writeLine } from '../output.js';

export interface BenchFlags {
  readonly json: boolean;
  readonly quick: boolean;
  readonly images: string | undefined;
}

/** @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, PRECISION_UNAVAILABLE, FILE_UNREADABLE, USAGE */
export async function bench({ settings }: Configuration, { json, quick, images }: BenchFlags): Promise<void> {
  const signal = catchInterrupt();
  try {
    const result = await runBenchmark({ settings, images, quick, signal, onProgress: showProgress });
    showProgress('');
    await writeLine(process.stdout, json ? JSON.stringify(result, fewerDigits, 2) : inWords(result));
  } catch (error) {
    showProgress('');
    if (!signal.aborted) throw error;
  }
}

/** One line on stderr that is written over again and again, if a person is looking. */
function showProgress(stage: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${stage && `Measuring: ${stage}`}`);
}

/** Four digits are more than a measurement can promise. */
const fewerDigits = (_key: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

function inWords(result: BenchmarkResult): string {
  return [
    heading(result),
    preparation(result),
    inference(result),
    allCoresBusy(result),
    startup(result),
    ...(result.quick ? ['Quick: a rough measurement. Without --quick the figures are steadier.'] : []),
  ].join('\n\n');
}

/** Of the machine, used by other programs. */
const NOTABLE_SHARE = 0.05;

function heading({ machine, versions, model, pictures, rounds, otherProgramsShare }: BenchmarkResult): string {
  const { cpu, cores, platform, architecture, int8Instructions } = machine;
  const int8 = int8Instructions === null ? '' : `, ${int8Instructions ? 'with' : 'without'} 8-bit instructions`;
  const { count, folder, meanPixels, meanBytes } = pictures;
  return [
    `${cpu}, ${counted(cores, 'core')}${int8}, ${platform} ${architecture}`,
    `Kaiyan ${versions.kaiyan}, Node ${versions.node}, ONNX Runtime ${versions.onnxruntime}, sharp ${versions.sharp} (libvips ${versions.libvips})`,
    `${model.name} ${model.precision}; ${counted(count, 'picture')} of ${folder}, on average ${megapixels(meanPixels)} megapixels and ${Math.round(meanBytes / 1e3)} kB`,
    `Medians of the quieter half of ${rounds} rounds`,
    ...(otherProgramsShare > NOTABLE_SHARE
      ? [
          `Other programs used ${percent(otherProgramsShare)} of the machine even then: figures are worse for it, least so CPU time.`,
        ]
      : []),
  ]
    .map(visible)
    .join('\n');
}

function preparation({ preparation: figures }: BenchmarkResult): string {
  const { decodeMs, resampleMs, sharpDecodeAndResizeMs, sharpCropMs, ratio } = figures;
  const rows = [
    ['  decode, then resample exactly', ms(decodeMs), ms(resampleMs), ms(decodeMs + resampleMs), times(ratio)],
    [
      '  sharp decodes and resizes',
      ms(sharpDecodeAndResizeMs),
      ms(sharpCropMs),
      ms(sharpDecodeAndResizeMs + sharpCropMs),
      BASELINE,
    ],
  ];
  return section(
    'Pixels, one picture at a time',
    ['', 'DECODE', 'RESAMPLE', 'TOGETHER', 'TIME'].map(overNumbers),
    rows,
  );
}

function inference({ inference: figures }: BenchmarkResult): string {
  const rows = figures.map(({ precision, threads, inferenceMs, speedup, baseline }) => [
    `  ${precision}, ${counted(threads, 'thread')}`,
    ms(inferenceMs),
    baseline ? BASELINE : times(speedup),
  ]);
  return section('Inference, one picture at a time', ['', 'INFERENCE', 'SPEED'].map(overNumbers), rows);
}

function allCoresBusy({ machine, allCoresBusy: figures }: BenchmarkResult): string {
  const { decodeMs, preprocessMs, inferenceMs, sumMs, idealMsPerPicture, endToEndMsPerPicture } = figures;
  const rows = [
    ['  decode', ms(decodeMs), 'of one core a picture'],
    ['  resample', ms(preprocessMs)],
    ['  inference', ms(inferenceMs)],
    ['  sum', ms(sumMs)],
    [`  sum / ${counted(machine.cores, 'core')}`, ms(idealMsPerPicture), 'a picture is the ideal'],
    [
      '  end to end',
      ms(endToEndMsPerPicture),
      `a picture, or ${figures.picturesPerSecond.toFixed(0)} pictures a second`,
    ],
    [
      '  end to end / ideal',
      times(figures.ratioToIdeal),
      `${figures.lowestRatioToIdeal.toFixed(2)} to ${figures.highestRatioToIdeal.toFixed(2)} in single rounds`,
    ],
    [
      '  the same in CPU time',
      times(figures.cpuRatio),
      `${ms(figures.endToEndCpuMsPerPicture).trim()} for ${ms(figures.partsCpuMsPerPicture).trim()} of the parts`,
    ],
  ];
  return section('All cores busy', undefined, rows);
}

function startup({ startup: figures }: BenchmarkResult): string {
  const rows = [
    ['  createClassifier', ms(figures.createMs)],
    ['  createClassifier and the first answer', ms(figures.firstAnswerMs)],
    ['  kaiyan classify, the whole process', ms(figures.classifyCommandMs)],
    ['  memory after the first answer', megabytes(figures.residentAfterFirstAnswerBytes)],
    ['  memory under load, at most', megabytes(figures.residentAtMostBytes)],
    ['  memory after the load', megabytes(figures.residentAfterLoadBytes)],
  ];
  return section('Start and resident memory, in a process of its own', undefined, rows);
}

const BASELINE = 'baseline'.padStart(9);

function section(title: string, header: readonly string[] | undefined, rows: readonly (readonly string[])[]): string {
  return `${title}\n${table(header ? [header, ...rows] : rows)}`;
}

const ms = (value: number) => `${value.toFixed(value < 100 ? 2 : 0)} ms`.padStart(9);
const overNumbers = (title: string) => (title === '' ? '' : title.padStart(9));
const times = (ratio: number) => `${ratio.toFixed(2)} ×`.padStart(9);
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`.padStart(9);
const megapixels = (pixels: number) => Number((pixels / 1e6).toPrecision(2));
const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
