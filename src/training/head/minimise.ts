/** The least value of a smooth function of many numbers, by L-BFGS (Nocedal and Wright, Numerical Optimization, 2006, 7.2). */

/** Gives the value at `at`, and writes the gradient into `gradient`. */
export type Objective = (at: Float64Array, gradient: Float64Array) => Promise<number>;

export interface MinimiseOptions {
  readonly iterations: number;
  /** Ends where an iteration lowers the value by less than this share of it. */
  readonly tolerance: number;
}

export interface Minimum {
  readonly at: Float64Array;
  readonly value: number;
}

/** Steps that are remembered: the curvature comes from them. */
const MEMORY = 10;
/** With so many numbers a step takes megabytes, and fewer are kept. */
const LARGE = 1e6;
const MEMORY_OF_LARGE = 5;
/** Of the slope: a step has to lower the value by as much (Armijo), and to leave as little (Wolfe). */
const DECREASE = 1e-4;
const CURVATURE = 0.9;
const MOST_TRIES = 12;

interface Step {
  readonly move: Float32Array;
  readonly change: Float32Array;
  readonly product: number;
}

/** What `objective` throws ends it. */
export async function minimise(
  objective: Objective,
  start: Float64Array,
  { iterations, tolerance }: MinimiseOptions,
): Promise<Minimum> {
  const at = start.slice();
  const gradient = new Float64Array(at.length);
  let point: Point = { at, gradient, value: await objective(at, gradient) };
  const steps: Step[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    const found = await search(objective, point, descent(point.gradient, steps), steps.length > 0 ? 1 : undefined);
    if (!found) {
      // Rounding may have made the memory useless; without one it is as low as it gets.
      if (steps.length === 0) break;
      steps.length = 0;
      continue;
    }
    remember(steps, point, found);
    const gain = point.value - found.value;
    point = found;
    if (gain <= tolerance * Math.abs(found.value)) break;
  }
  return { at: point.at, value: point.value };
}

interface Point {
  readonly at: Float64Array;
  readonly gradient: Float64Array;
  readonly value: number;
}

function remember(steps: Step[], from: Point, to: Point): void {
  const change = difference(to.gradient, from.gradient);
  const move = difference(to.at, from.at);
  const product = dot(move, change);
  if (product <= Number.EPSILON * dot(change, change)) return;
  steps.push({ move, change, product });
  if (steps.length > (to.at.length > LARGE ? MEMORY_OF_LARGE : MEMORY)) steps.shift();
}

/** Two loops: the inverse of the curvature, as the remembered steps show it, applied to the gradient. */
function descent(gradient: Float64Array, steps: readonly Step[]): Float64Array {
  const direction = negative(gradient);
  const shares = steps.map(() => 0);
  for (let i = steps.length - 1; i >= 0; i--) {
    const { move, change, product } = steps[i] as Step;
    const share = dot(move, direction) / product;
    shares[i] = share;
    add(direction, change, -share);
  }
  const last = steps.at(-1);
  if (last) {
    const scale = last.product / dot(last.change, last.change);
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] as number) * scale;
  }
  for (const [i, { move, change, product }] of steps.entries())
    add(direction, move, (shares[i] as number) - dot(change, direction) / product);
  return direction;
}

/**
 * By halving what is too far and doubling what is too short (Lewis and Overton, 2013). Undefined where no step lowers the value;
 * without a `first` length nothing is known of the curvature, and it begins with a short one.
 */
async function search(
  objective: Objective,
  { at: from, value, gradient: steepest }: Point,
  direction: Float64Array,
  first?: number,
): Promise<Point | undefined> {
  const slope = dot(direction, steepest);
  if (slope >= 0) return undefined;
  let [least, most, length] = [0, Number.POSITIVE_INFINITY, first ?? 1 / Math.max(1, Math.sqrt(-slope))];
  let best: Point | undefined;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const at = from.slice();
    add(at, direction, length);
    const gradient = new Float64Array(at.length);
    const found = await objective(at, gradient);
    if (found <= value + DECREASE * length * slope) {
      if (!best || found < best.value) best = { at, gradient, value: found };
      if (dot(gradient, direction) >= CURVATURE * slope) return best;
      least = length;
    } else most = length;
    length = most === Number.POSITIVE_INFINITY ? length * 2 : (least + most) / 2;
  }
  return best;
}

// Loops, as `from` and `map` with a function take many times as long for millions of numbers.
function difference(a: Float64Array, b: Float64Array): Float32Array {
  const result = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) result[i] = (a[i] as number) - (b[i] as number);
  return result;
}

function negative(of: Float64Array): Float64Array {
  const result = new Float64Array(of.length);
  for (let i = 0; i < of.length; i++) result[i] = -(of[i] as number);
  return result;
}

type Numbers = Float32Array | Float64Array;

function dot(a: Numbers, b: Numbers): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function add(to: Float64Array, what: Numbers, times: number): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) + times * (what[i] as number);
}
