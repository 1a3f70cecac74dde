/** A QR code as one path, dark on light, with the quiet zone that scanners need. */
import { encode } from 'uqr';

/** Modules on each side, as ISO/IEC 18004 demands. */
const QUIET_ZONE = 4;

export interface QrPath {
  /** Modules of a side, the quiet zone included. */
  readonly size: number;
  /** For `d` of an SVG path, in modules. */
  readonly path: string;
}

export function qrPath(text: string): QrPath {
  const { data, size } = encode(text, { border: QUIET_ZONE, ecc: 'M' });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return { size, path };
}
