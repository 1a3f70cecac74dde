/** What bounds the decoding of pictures. */
import type { Settings } from '../config.js';

export interface DecodeOptions {
  /** Largest file accepted, in bytes. */
  readonly maxBytes: number;
  /** Largest picture accepted, in pixels. */
  readonly maxPixels: number;
  /** Decoded pictures held at once, in pixels: those being decoded and those not yet released. */
  readonly maxPixelsInFlight: number;
  /** Decoded pictures held at once, whatever their size: what decodes faster than it is used waits undecoded. */
  readonly maxHeld: number;
  /** Pictures that sharp decodes at once. */
  readonly slots: number;
  /** A picture that takes longer is refused. */
  readonly timeoutSeconds: number;
  /** `ignore` gives the stored values, as Pillow and TorchVision do; `apply` converts an embedded profile to sRGB. */
  readonly iccProfiles: 'ignore' | 'apply';
}

/** As the settings say; `slots` pictures at once, and `maxHeld` decoded ones. */
export function decodeOptions(settings: Settings, slots: number, maxHeld = Number.MAX_SAFE_INTEGER): DecodeOptions {
  const { maxBytes, maxPixels, maxPixelsInFlight, decodeTimeoutSeconds, iccProfiles } = settings;
  return { maxBytes, maxPixels, maxPixelsInFlight, maxHeld, slots, timeoutSeconds: decodeTimeoutSeconds, iccProfiles };
}
