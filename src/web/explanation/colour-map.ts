/** Colours for heat: even steps look even, also in grey and to the colour-blind; what is cold lets the picture through. */

/**
 * Inferno, from black over red to pale yellow, by Nathaniel J. Smith and Stéfan van der Walt (CC0), as matplotlib has it
 * (`_cm_listed.py`): each fifth of its 256 colours. What lies between is at most one step of 255 off.
 */
const INFERNO =
  '00000402020c0504170a072210092d160b391e0c45260c512f0a5b380962400a67490b6a510e6c59106e61136e69166e' +
  '71196e781c6d801f6c88226a902568982766a02a63a82e5fb0315bb73557bf3952c63d4dcc4248d34743d94d3ddf5337' +
  'e45a31e9612bed6925f1711ff47918f78212f98b0bfa9407fb9d07fca60cfcb014fbba1ffac42af8cd37f6d746f4e156' +
  'f2ea69f2f27df5f992fcffa4';

const STOPS = (INFERNO.match(/../g) ?? []).map((part) => Number.parseInt(part, 16));
const INTERVALS = STOPS.length / 3 - 1;

/** So that a picture in which all is warm is not under a veil. */
const CLEARNESS = 1.2;

type Colour = readonly [red: number, green: number, blue: number, alpha: number];

/** `value` from 0 (and less: nothing to see) to 1 (and more); each part 0..255. */
export function heatColour(value: number): Colour {
  const bounded = Math.min(1, Math.max(0, value));
  const at = bounded * INTERVALS;
  const from = Math.min(Math.floor(at), INTERVALS - 1);
  const part = (i: number) => {
    const [before = 0, after = 0] = [STOPS[from * 3 + i], STOPS[from * 3 + 3 + i]];
    return Math.round(before + (after - before) * (at - from));
  };
  return [part(0), part(1), part(2), Math.round(255 * bounded ** CLEARNESS)];
}
