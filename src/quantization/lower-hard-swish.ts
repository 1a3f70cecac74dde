/** Makes hard-swish of parts that exist in 8 bits: x · HardSigmoid(x). */
import { createNode } from '../onnx/graph-builder.js';
import type { GraphProto } from '../onnx/onnx_pb.js';

/** Where a hard-swish becomes zero: it takes whatever is less as if it were this. */
export const HARD_SWISH_ZERO = -3;

/** Gives the values that a hard-swish is made from, and that nothing else uses. */
export function lowerHardSwish(graph: GraphProto): Set<string> {
  const uses = (value: string) => graph.node.filter(({ input }) => input.includes(value)).length;
  const outputs = new Set(graph.output.map(({ name }) => name));
  const swished = graph.node.filter(({ opType }) => opType === 'HardSwish').map(({ input }) => input[0] as string);
  const alone = new Set(swished.filter((value) => uses(value) === 1 && !outputs.has(value)));
  graph.node = graph.node.flatMap((node) => {
    if (node.opType !== 'HardSwish') return [node];
    const [value] = node.input as [string];
    const [swish] = node.output as [string];
    const gate = createNode('HardSigmoid', `${swish}.gate`, [value], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
    return [gate, createNode('Mul', swish, [value, `${swish}.gate`])];
  });
  return alone;
}
