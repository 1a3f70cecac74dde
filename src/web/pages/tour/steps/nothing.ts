/** Pictures of nothing, on which a network has to say something all the same. */

export type Nothing = 'noise' | 'grey';

const SIDE = 256;
/** Snow is of so large squares: single pixels would be lost when the picture is shrunk. */
const FLAKE = 4;

/** The same each time. */
export function drawNothing(canvas: HTMLCanvasElement, nothing: Nothing): void {
  canvas.width = SIDE;
  canvas.height = SIDE;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.fillStyle = '#7f7f7f';
  context.fillRect(0, 0, SIDE, SIDE);
  if (nothing === 'grey') return;
  const next = noise();
  for (let y = 0; y < SIDE; y += FLAKE) {
    for (let x = 0; x < SIDE; x += FLAKE) {
      context.fillStyle = `rgb(${next()} ${next()} ${next()})`;
      context.fillRect(x, y, FLAKE, FLAKE);
    }
  }
}

/** Numbers from 0 to 255 by a linear congruential generator (Numerical Recipes). */
function noise(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
}
