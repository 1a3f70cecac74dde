/**
 * Where a network is cut in two: a stage begins where the picture becomes smaller. The last stage of ResNet is `layer4`, the
 * last two are `layer3` and `layer4`; that of EfficientNet is all that works on 7×7 values. What comes before the cut stays as it is.
 */
import { AppError } from '../../errors.js';
import { readVerified } from '../../inference/session.js';
import { type Bundle, modelFile } from '../../models/bundle.js';
import { referenceOf } from '../../models/reference.js';
import { parseModel } from '../../onnx/model-file.js';
import type { NodeProto } from '../../onnx/onnx_pb.js';
import { embeddingOf } from '../bundle/embedding.js';
import { rules } from './gradients/rules.js';
import { dataInputs, type Network, readNetwork } from './network.js';

export interface Cut {
  /** The only value that everything after it depends on; the network's input, where all of it is trained. */
  readonly boundary: string;
  /** What comes after it, in the order it runs in. */
  readonly nodes: readonly NodeProto[];
}

/**
 * The network of a model, cut before so many stages: also to see whether they can be trained, before anything else is done.
 * @throws AppError TRAINING_UNSUPPORTED, PRECISION_UNAVAILABLE, MODEL_DAMAGED, MODEL_INVALID
 */
export async function openStages(
  bundle: Bundle,
  stages: number,
): Promise<{ readonly network: Network; readonly cut: Cut }> {
  const file = modelFile(bundle, 'fp32');
  const model = parseModel(await readVerified(file), file.path);
  const { name: embedding } = embeddingOf(model, bundle.manifest.output, file.path);
  const face = { name: referenceOf(bundle.manifest), input: file.input, shape: file.shape, embedding };
  const network = await readNetwork(model, face);
  return { network, cut: cutBeforeStages(network, stages) };
}

/** @throws AppError TRAINING_UNSUPPORTED if there are fewer stages, or one has an operation that cannot be trained through */
export function cutBeforeStages(network: Network, stages: number): Cut {
  const ways = passages(network);
  const starts = ways.flatMap((passage, i) => (isDownsampling(network, ways[i - 1], passage) ? [i - 1] : []));
  const start = starts.at(-stages);
  if (start === undefined) {
    const reason = `it has ${starts.length} stages, and ${stages} of them were to be trained`;
    throw new AppError('TRAINING_UNSUPPORTED', { model: network.name, reason });
  }
  const { value, after } = ways[cheapest(network, ways, start)] as Passage;
  const nodes = network.nodes.slice(after);
  requireRules(network, nodes);
  return { boundary: value, nodes };
}

/** A value that everything passes through; the nodes from position `after` on need no other. */
interface Passage {
  readonly value: string;
  readonly after: number;
}

function passages({ nodes, input, embedding }: Network): Passage[] {
  const uses = nodes.flatMap((node, i) => dataInputs(node).map((value) => [value, i] as const));
  const lastUse = new Map<string, number>([...uses, [embedding, nodes.length]]);
  const found: Passage[] = [{ value: input, after: 0 }];
  let open = new Set([input]);
  for (const [i, { output }] of nodes.entries()) {
    open = new Set([...open, ...output].filter((value) => (lastUse.get(value) ?? 0) > i));
    const [only] = open;
    if (open.size === 1 && only !== undefined) found.push({ value: only, after: i + 1 });
  }
  return found;
}

/** Averages over the whole picture are no stage. */
function isDownsampling({ shapeOf }: Network, before: Passage | undefined, { value }: Passage): boolean {
  const [from, to] = [areaOf(shapeOf(before?.value ?? '')), areaOf(shapeOf(value))];
  return from !== undefined && to !== undefined && to < from && to > 1;
}

const areaOf = (shape: readonly number[]): number | undefined =>
  shape.length === 4 ? (shape[2] as number) * (shape[3] as number) : undefined;

/**
 * The boundary's values are kept for every view of every picture: so the cut is moved to where they are few, back to the
 * narrow value before a block widens it, or on over what has no weights.
 */
function cheapest(network: Network, ways: readonly Passage[], start: number): number {
  const sizeOf = (i: number) => network.shapeOf(ways[i]?.value ?? '').reduce((product, one) => product * one, 1);
  const area = (i: number) => areaOf(network.shapeOf(ways[i]?.value ?? ''));
  let best = start;
  for (let i = start - 1; i >= 0 && area(i) === area(start) && sizeOf(i) <= sizeOf(best); i--) {
    if (sizeOf(i) < sizeOf(best)) best = i;
  }
  for (let i = start + 1; i < ways.length && !hasWeights(network, ways, i); i++) {
    if (sizeOf(i) < sizeOf(best)) best = i;
  }
  return best;
}

/** Whether anything between a passage and the one before it can be trained. */
function hasWeights({ nodes, constantOf }: Network, ways: readonly Passage[], i: number): boolean {
  return nodes
    .slice(ways[i - 1]?.after, ways[i]?.after)
    .some((node) =>
      node.input.some((value) => (constantOf(value)?.values.length ?? 0) > 1 && constantOf(value)?.isFloat),
    );
}

function requireRules(network: Network, nodes: readonly NodeProto[]): void {
  const tape = { ...network, numbersOf: (value: string) => network.constantOf(value)?.values };
  for (const node of nodes) {
    const reason = rules[node.opType]
      ? rules[node.opType]?.refuses?.(node, tape)
      : `Kaiyan has no gradient for ${node.opType}`;
    if (reason === undefined) continue;
    const place = `its ${node.opType} "${node.name || node.output[0]}" cannot be trained through`;
    throw new AppError('TRAINING_UNSUPPORTED', { model: network.name, reason: `${place}: ${reason}` });
  }
}
