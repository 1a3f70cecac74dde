/** The catalogue: models whose official weights Kaiyan knows, where they are, and all that makes their answers right. */
import path from 'node:path';
import { AppError } from '../errors.js';
import { trainedLikeTorchVision } from './architectures/architecture.js';
import type { Manifest } from './manifest.js';
import { referenceOf } from './reference.js';

export interface CatalogueEntry {
  /** The name it is installed under, which is the architecture's name in TorchVision. */
  readonly name: string;
  /** `1` and `2` are TorchVision's IMAGENET1K_V1 and V2. */
  readonly version: string;
  readonly architecture: string;
  readonly format: 'pytorch' | 'onnx';
  /** The official address; its last part is the official name of the file. */
  readonly url: string;
  readonly sha256: string;
  /** About its size, to the kilobyte. */
  readonly bytes: number;
  /** Hosts that the official address may send us on to, its own among them. */
  readonly hosts: readonly string[];
  readonly license: string;
  readonly licenseUrl: string;
  /** As published. */
  readonly metrics: Manifest['metrics'];
  readonly input: Manifest['input'];
}

/**
 * One file of weights: its SHA-256, whose first eight digits are in its name; its size in MiB; top-1 and top-5 in percent.
 * Sizes, accuracies and preprocessing are those of TorchVision's weight enums
 * (https://docs.pytorch.org/vision/stable/models.html); the full hashes are pinned by public projects.
 */
type Weights = readonly [sha256: string, mebibytes: number, top1: number, top5: number];

interface Family {
  readonly name: string;
  /** How the names of the files begin, where it is not the name. */
  readonly file?: string;
  readonly filter?: Filter;
  /** Versions 1, 2 and so on. */
  readonly weights: readonly Weights[];
}

/** TorchVision's first weights are meant for a short side of 256, those of its newer recipe for 232. */
const SHORT_SIDES = [256, 232] as const;

type Filter = Manifest['input']['resize']['filter'];

function preprocessing(name: string, filter: Filter, shortSide: number = SHORT_SIDES[0]): Manifest['input'] {
  const { mean, std, ...input } = trainedLikeTorchVision(filter);
  return { ...input, name, resize: { shortSide, filter }, mean: [...mean], std: [...std] };
}

function torchvision({ name, file = name, filter = 'bilinear', weights }: Family): CatalogueEntry[] {
  return weights.map(([sha256, mebibytes, top1, top5], i) => ({
    name,
    version: `${i + 1}`,
    architecture: name,
    format: 'pytorch',
    url: `https://download.pytorch.org/models/${file}-${sha256.slice(0, 8)}.pth`,
    sha256,
    bytes: Math.round(mebibytes * 2 ** 20),
    hosts: ['download.pytorch.org'],
    license: 'BSD-3-Clause',
    licenseUrl: 'https://github.com/pytorch/vision/blob/main/LICENSE',
    metrics: [{ precision: 'fp32', top1, top5, on: 'ImageNet-1k validation', source: 'published' }],
    input: preprocessing('input', filter, SHORT_SIDES[i]),
  }));
}

const families: readonly Family[] = [
  {
    name: 'resnet18',
    weights: [['f37072fd47e89c5e827621c5baffa7500819f7896bbacec160b1a16c560e07ec', 44.661, 69.758, 89.078]],
  },
  {
    name: 'resnet34',
    weights: [['b627a593bcbe140c234610266fe4f8ae95ea42fc881d091c9b6052e6b1d0590f', 83.275, 73.314, 91.42]],
  },
  {
    name: 'resnet50',
    weights: [
      ['0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a', 97.781, 76.13, 92.862],
      ['11ad3fa62ca79e40addfd354a8ec4b7c75143b3038b8d2a807fbc68deab379ca', 97.79, 80.858, 95.434],
    ],
  },
  {
    name: 'resnet101',
    weights: [
      ['63fe2227b86e8f1f2063f43a75c84d195911b6a0eace650907dd3dc62dd49a0a', 170.511, 77.374, 93.546],
      ['cd907fc2a0de2292b2ba2b27d2216bc672d84632d1cf20058d01c0c03b5e020e', 170.53, 81.886, 95.78],
    ],
  },
  {
    name: 'mobilenet_v2',
    weights: [
      ['b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889', 13.555, 71.878, 90.286],
      ['7ebf99e03e254b273379b23edca7ec0da9f48273b23a332b93c1c99d49e86e8f', 13.598, 72.154, 90.822],
    ],
  },
  {
    name: 'mobilenet_v3_small',
    weights: [['047dcff4addef86ea5bc2eff13c9614dc11f47ab1160d0a71a25e7db994f4e1f', 9.829, 67.668, 87.402]],
  },
  {
    name: 'mobilenet_v3_large',
    weights: [
      ['8738ca797c879b547d18bbd15da5736ff2557b2036a9af72225393ca61759a04', 21.114, 74.042, 91.34],
      ['5c1a416349c4cf298f2a6a5e2600ed0ee55e604713578f5e74e6bc8bcaef7997', 21.107, 75.274, 92.566],
    ],
  },
  {
    name: 'efficientnet_b0',
    file: 'efficientnet_b0_rwightman',
    filter: 'bicubic',
    weights: [['7f5810bc96def8f7552d5b7e68d53c4786f81167d28291b21c0d90e1fca14934', 20.451, 77.692, 93.532]],
  },
  {
    name: 'squeezenet1_1',
    weights: [['b8a52dc049b60e4b6ab68ad0df457362afab8b6304b2febdc1650a5dab4d7e7b', 4.729, 58.178, 80.624]],
  },
];

/**
 * The ONNX file of Microsoft's ResNet-18, whose preprocessing is that of microsoft/resnet-18. Its hosts are those of
 * https://huggingface.co/.well-known/meta.json.
 */
const huggingFace: CatalogueEntry = {
  name: 'resnet18-onnx',
  version: '1',
  architecture: 'resnet18',
  format: 'onnx',
  url: 'https://huggingface.co/onnx-community/resnet-18-ONNX/resolve/main/onnx/model.onnx',
  sha256: '5d931fd0ec2c626c3b1256563ab7482b374bad0dd6be586d5344a70bc303e08e',
  bytes: 46_800_000,
  hosts: [
    'huggingface.co',
    'cas-bridge.xethub.hf.co',
    'cdn-lfs.hf.co',
    'cdn-lfs-us-1.hf.co',
    'cdn-lfs-eu-1.hf.co',
    'transfer.xethub.hf.co',
    'transfer.xethub-eu.hf.co',
    'aws.cdn.hf.co',
    'us.aws.cdn.hf.co',
    'us-east-1.aws.cdn.hf.co',
    'us-west-2.aws.cdn.hf.co',
    'eu-west-3.aws.cdn.hf.co',
    'ap-southeast-1.aws.cdn.hf.co',
    'us.gcp.cdn.hf.co',
    'us-east1.us.gcp.cdn.hf.co',
    'us-central1.us.gcp.cdn.hf.co',
    'us-west4.us.gcp.cdn.hf.co',
    'europe-west4.us.gcp.cdn.hf.co',
    'asia-southeast1.us.gcp.cdn.hf.co',
  ],
  license: 'Apache-2.0',
  licenseUrl: 'https://huggingface.co/onnx-community/resnet-18-ONNX',
  metrics: [],
  input: preprocessing('pixel_values', 'bicubic'),
};

/** The versions of a name are in order, the newest last. */
export const catalogue: readonly CatalogueEntry[] = [...families.flatMap(torchvision), huggingFace];

/** Of `resnet50@1` that version, of `resnet50` the newest. @throws AppError MODEL_NOT_IN_CATALOGUE */
export function findEntry(reference: string): CatalogueEntry {
  const entry = catalogue.findLast((candidate) => [candidate.name, referenceOf(candidate)].includes(reference));
  if (entry) return entry;
  throw new AppError('MODEL_NOT_IN_CATALOGUE', { reference, known: catalogue.map(referenceOf).join(', ') });
}

/** The official name of the file. */
export const fileNameOf = ({ url }: CatalogueEntry): string => path.posix.basename(new URL(url).pathname);
