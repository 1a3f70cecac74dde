/** Colours for heat: even steps look even, also in grey and to the colour-blind; what is cold lets the picture through. */

/**
 * Inferno, from black over red to pale yellow, by Nathaniel J. Smith and Stéfan van der Walt (CC0), as matplotlib has it
 * (`_cm_listed.py`): every fifteenth of its 256 colours.
 */
const STOPS = [
  [0, 0, 4],
  [7, 5, 27],
  [25, 12, 62],
  [50, 10, 94],
  [75, 12, 107],
  [99, 21, 110],
  [120, 28, 109],
  [143, 36, 105],
  [166, 45, 96],
  [187, 55, 84],
  [207, 68, 70],
  [223, 84, 55],
  [237, 105, 37],
  [247, 130, 18],
  [251, 155, 6],
  [251, 182, 26],
  [247, 209, 61],
  [242, 234, 105],
] as const;

type Colour = readonly [red: number, green: number, blue: number, alpha: number];

/** `value` from 0 (and less: nothing to see) to 1 (and more); each part 0..255. */
export function heatColour(value: number): Colour {
  const bounded = Math.min(1, Math.max(0, value));
  const at = bounded * (STOPS.length - 1);
  const from = Math.min(Math.floor(at), STOPS.length - 2);
  const [before, after] = [STOPS[from], STOPS[from + 1]] as const;
  const part = (i: 0 | 1 | 2) => {
    const start = before?.[i] ?? 0;
    return Math.round(start + ((after?.[i] ?? 0) - start) * (at - from));
  };
  return [part(0), part(1), part(2), Math.round(255 * bounded ** 1.2)];
}
