/** The page that goes with an exported model: what it is, and how it is run elsewhere with the same answers. */
import type { Bundle } from '../bundle.js';
import type { Manifest } from '../manifest.js';
import { referenceOf } from '../reference.js';

/** Markdown. */
export function describeExport({ manifest, labels }: Pick<Bundle, 'manifest' | 'labels'>): string {
  const classes = labels.classes.length;
  return `# ${referenceOf(manifest)}

An image classifier of ${classes} classes, exported by Kaiyan.

${identity(manifest).join('\n')}

## Run it

${programs(manifest)}

## The picture that it wants

${preparation(manifest.input)}

## What it answers

${answers(manifest, classes)}

## Files

${files(manifest)}

This folder is a model of Kaiyan's too: as \`models/${manifest.name}\` in a data directory (\`~/.kaiyan\`), it is installed there.
`;
}

function identity({
  architecture,
  parameters,
  source,
  license,
  licenseFile,
  metrics,
  quantization,
}: Manifest): string[] {
  return [
    ...(architecture ? [`- **Architecture**: ${architecture}`] : []),
    ...(parameters ? [`- **Parameters**: ${parameters.toLocaleString('en')}`] : []),
    `- **Source**: ${source.package ?? source.url ?? source.file ?? source.model}, SHA-256 \`${source.sha256}\`${source.note ? `. ${source.note}` : ''}`,
    `- **Licence**: ${license}${licenseFile ? ` ([${licenseFile}](${licenseFile}))` : ''}`,
    ...metrics.map(
      ({ precision, top1, top5, on, source: from }) =>
        `- **Accuracy**, ${precision.toUpperCase()}: top-1 ${top1} %${top5 === undefined ? '' : `, top-5 ${top5} %`} on ${on} (${from})`,
    ),
    ...(quantization
      ? [
          `- **INT8**: names the same class as FP32 for ${(quantization.agreement * 100).toFixed(1)} % of ${quantization.pictures} pictures; weights of ${quantization.weightBits} bits`,
        ]
      : []),
  ];
}

function programs({ files: available }: Manifest): string {
  const names = available.map(({ precision }) => precision);
  const choice =
    names.length > 1
      ? `\n\n\`--precision ${names.join('` or `--precision ')}\` takes one of the two; FP32 is the default.`
      : '';
  const int8 = names.includes('int8')
    ? '\n\nINT8 is another matter: how its sums are rounded, and on some CPUs whether they saturate, depends on CPU and runtime.'
    : '';
  return `\`\`\`sh
pip install onnxruntime numpy pillow
python classify_onnxruntime.py PICTURE...

pip install openvino numpy pillow
python classify_openvino.py PICTURE...
\`\`\`

Each prints a line of JSON for each picture: \`{"file", "top5": [{"index", "label", "probability"}]}\`. These are Kaiyan's answers
(\`kaiyan classify --json --top 5\`): the pixels are the same to the bit, and in FP32 only the rounding of sums differs. (AVIF is decoded
by another library than Kaiyan's, a little differently, and Pillow alone does not read HEIC.) Both runtimes report their use to their makers by default; the programs turn that off.${choice}${int8}`;
}

function preparation({ width, height, resize: { shortSide, filter }, mean, std, name }: Manifest['input']): string {
  const asShares = (values: readonly number[]) => values.map((value) => Number((value / 255).toFixed(6))).join(', ');
  return `1. **Decode** the first frame to 8-bit RGB. Turn it upright by its EXIF orientation. Grey and palettes become RGB; of 16 bits a
   channel the high byte counts; what is transparent is laid on white; CMYK becomes \`255 - min(255, ink·(255 - k)/255 + k)\`, as Pillow
   does it. Colour profiles are ignored.
2. **Resize**: the short side to ${shortSide} pixels, the long side to \`trunc(${shortSide}·long/short)\`, with the ${filter} filter of
   Pillow's \`Image.resize\`, which is widened by the scale when it shrinks (antialiasing). OpenCV's is another one, and so is PyTorch's
   without \`antialias\`: they change answers.
3. **Crop** ${width}×${height} from the centre: left is \`round((width - ${width})/2)\`, top \`round((height - ${height})/2)\`, halves to the
   even number.
4. **Normalise** each channel (R, G, B) in float32: \`(pixel - mean)/std\`, with pixels 0…255, mean ${mean.join(', ')} and
   std ${std.join(', ')}. For pixels 0…1 that is mean ${asShares(mean)} and std ${asShares(std)}.
5. **Input** \`${name}\`: float32, 1×3×${height}×${width}, the channels first.`;
}

function answers({ output, temperature }: Manifest, classes: number): string {
  const { logits, embedding, featureMap } = output;
  const outputs = [
    `- \`${logits}\`: 1×${classes}, a number for each class, in the order of \`labels.txt\``,
    ...(embedding
      ? [`- \`${embedding}\`: what the last layer makes classes from; alike for pictures that are alike`]
      : []),
    ...(featureMap ? [`- \`${featureMap}\`: the same before it was averaged over the picture`] : []),
  ];
  return `${outputs.join('\n')}

Probabilities are \`softmax(${logits} / ${temperature})\`${temperature === 1 ? '' : `: with the temperature ${temperature} they mean what they say`}.`;
}

function files({ files: networks, licenseFile }: Manifest): string {
  const rows = [
    ...networks.map(({ precision, path, bytes, sha256 }) => [
      path,
      `the network in ${precision.toUpperCase()} (ONNX), ${bytes} bytes, SHA-256 \`${sha256}\``,
    ]),
    ['model.json', 'all that is said here, for programs'],
    ['labels.txt', 'the names of the classes, one a line, from class 0'],
    ['labels.json', 'the same with WordNet ids and Chinese names'],
    ['classify_onnxruntime.py', 'for ONNX Runtime'],
    ['classify_openvino.py', 'for OpenVINO'],
    ...(licenseFile ? [[licenseFile, 'the licence']] : []),
  ];
  return rows.map(([name, what]) => `- \`${name}\`: ${what}`).join('\n');
}
