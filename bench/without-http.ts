/** The same pictures without HTTP: what `kaiyan bench` measures end to end. */
import { kaiyan } from './contenders.js';
import { runForJson } from './processes.js';

export interface WithoutHttp {
  readonly endToEndMsPerPicture: number;
  readonly pictures: PictureFigures;
  readonly precision: string;
  /** Model and versions. */
  readonly description: string;
}

export interface PictureFigures {
  readonly count: number;
  readonly meanBytes: number;
  readonly meanPixels: number;
}

/** Of its output, what is of use here. */
interface Benchmark {
  readonly versions: Readonly<Record<'kaiyan' | 'node' | 'onnxruntime', string>>;
  readonly model: Readonly<Record<'name' | 'precision', string>>;
  readonly pictures: PictureFigures;
  readonly allCoresBusy: Readonly<Record<'endToEndMsPerPicture', number>>;
}

/** @throws Error if the command fails */
export async function measureWithoutHttp(images: string, quick: boolean, signal: AbortSignal): Promise<WithoutHttp> {
  const command = kaiyan('bench', '--json', '--images', images, ...(quick ? ['--quick'] : []));
  const { versions, model, pictures, allCoresBusy } = await runForJson<Benchmark>(command, signal);
  const { count, meanBytes, meanPixels } = pictures;
  return {
    endToEndMsPerPicture: allCoresBusy.endToEndMsPerPicture,
    pictures: { count, meanBytes, meanPixels },
    precision: model.precision,
    description: `${model.name} ${model.precision}, Kaiyan ${versions.kaiyan}, ONNX Runtime ${versions.onnxruntime}, Node ${versions.node}`,
  };
}
