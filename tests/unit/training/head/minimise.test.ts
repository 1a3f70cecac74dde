import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minimise } from '#kaiyan/training/head/minimise.js';

test("the least value of Rosenbrock's valley is found from where everybody begins", async () => {
  const rosenbrock = async (at: Float64Array, gradient: Float64Array) => {
    const [x, y] = at as unknown as [number, number];
    gradient[0] = -2 * (1 - x) - 400 * x * (y - x * x);
    gradient[1] = 200 * (y - x * x);
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
  };
  const { at, value } = await minimise(rosenbrock, Float64Array.of(-1.2, 1), { iterations: 200, tolerance: 0 });
  assert.ok(value < 1e-10, `${value}`);
  assert.ok(Math.hypot((at[0] as number) - 1, (at[1] as number) - 1) < 1e-4);
});

test('where a value is not a number no step is taken', async () => {
  const broken = async (at: Float64Array, gradient: Float64Array) => {
    gradient[0] = 2 * (at[0] as number);
    return (at[0] as number) < 0.9 ? Number.NaN : (at[0] as number) ** 2;
  };
  const { at, value } = await minimise(broken, Float64Array.of(1), { iterations: 20, tolerance: 1e-9 });
  assert.ok(value <= 1 && (at[0] as number) >= 0.9);
});
